import { once } from "node:events";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { CertificateError, IntegrityError, TransferError } from "@carrel/core";
import { PartialDownloadError } from "@carrel/node-stream";
import type { DownloadReport } from "@carrel/node-stream";
import { hexDigest, tempDirectory } from "@carrel/test-kit";
import { describe, expect, test } from "vitest";
import { DirectoryContent, DirectoryPlace, publishLibrary, VcspError } from "../src/index.ts";
import { createServerCertificate, serveLibrary } from "../src/serve.ts";
import { openSubscription } from "../src/subscribe.ts";
import type {
  Subscription,
  SubscriptionDownloadOptions,
  SubscriptionOptions,
  SubscriptionPassword,
} from "../src/subscribe.ts";

const disk = Buffer.alloc(300_000, "disk of a virtual machine ");
const ovf = "<Envelope/>";
const certificate = await createServerCertificate();
const password = "s3cret: ä";
const uuid = "6b1a3c5e-0f2d-4a7b-9c8d-1e2f3a4b5c6d";

async function fill(directory: string): Promise<void> {
  await mkdir(join(directory, "Größe 1+1 %"), { recursive: true });
  await writeFile(join(directory, "Größe 1+1 %", "disk+0 %.vmdk"), disk);
  await writeFile(join(directory, "Größe 1+1 %", "vm.ovf"), ovf);
}

async function publish(directory: string): Promise<void> {
  await using content = await DirectoryContent.list(directory);
  await publishLibrary(new DirectoryPlace(directory), content.items, { name: "Images" });
  await content.save();
}

interface Published extends AsyncDisposable {
  readonly directory: string;
  /** Where downloads go. */
  readonly out: string;
}

async function published(): Promise<Published> {
  const folder = await tempDirectory();
  const directory = join(folder.path, "library");
  await fill(directory);
  await publish(directory);
  return { directory, out: join(folder.path, "out"), [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

type Answer = (request: IncomingMessage, response: ServerResponse, path: string) => Promise<boolean> | boolean;

interface WebServer extends AsyncDisposable {
  readonly url: string;
  /** The path and the range of each request, in order. */
  readonly requests: readonly string[];
}

/** A plain web server for a directory, without ETags, whose answers `answer` may replace. */
async function serveFiles(directory: string, answer: Answer = () => false): Promise<WebServer> {
  const requests: string[] = [];
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = decodeURIComponent((request.url ?? "").slice("/images/".length));
    requests.push([path, request.headers.range].filter(Boolean).join(" "));
    if (await answer(request, response, path)) return;
    const bytes = await readFile(join(directory, path)).catch(() => undefined);
    if (bytes === undefined) response.writeHead(404).end();
    else response.writeHead(200, { "content-length": bytes.length }).end(bytes);
  };
  const server = createServer((request, response) => void respond(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/images/lib.json`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function onlyItem({ items }: Subscription): string {
  expect(items).toHaveLength(1);
  return items[0]?.id ?? "";
}

async function save(
  subscription: Subscription,
  out: string,
  options: SubscriptionDownloadOptions = {},
): Promise<DownloadReport> {
  await using task = subscription.download(onlyItem(subscription), out, options);
  return await task.report;
}

async function problemOf(work: Promise<unknown>): Promise<unknown> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof VcspError || error instanceof TransferError || error instanceof IntegrityError) {
    return error.problem;
  }
  return error;
}

/** Changes what `items.json` states of the disk. */
async function restate(directory: string, change: (file: Record<string, unknown>) => void): Promise<void> {
  const path = join(directory, "items.json");
  const list = JSON.parse(await readFile(path, "utf8")) as { items: { files: Record<string, unknown>[] }[] };
  for (const file of list.items[0]?.files ?? []) if (file["name"] === "disk+0 %.vmdk") change(file);
  await writeFile(path, JSON.stringify(list));
}

describe("openSubscription", () => {
  test("downloads what was published and served, over pinned TLS and with a password, verified by checksum", async () => {
    await using library = await published();
    const requests: string[] = [];
    await using server = await serveLibrary(library.directory, {
      certificate,
      password,
      onRequest: ({ path, status }) => requests.push(`${status} ${path}`),
    });
    const thumbprint = server.fingerprints?.sha256 ?? "";
    let asked = 0;
    const ask: SubscriptionPassword = () => {
      asked += 1;
      return Promise.resolve(password);
    };
    await using subscription = await openSubscription(server.url, { thumbprint, password: ask });
    expect(requests).toEqual(["401 /lib.json", "200 /lib.json", "200 /items.json"]);
    expect(subscription.library).toMatchObject({ name: "Images", version: 1 });
    expect(subscription.items).toMatchObject([{ name: "Größe 1+1 %", type: "vcsp.ovf", version: 1 }]);
    const { files, contentVersion } = await save(subscription, library.out);
    expect(contentVersion).toBe("1");
    expect(files).toMatchObject([
      {
        name: "disk+0 %.vmdk",
        verifiedBy: "checksum",
        digest: { algorithm: "sha256", hex: hexDigest("sha256", disk) },
      },
      { name: "vm.ovf", verifiedBy: "checksum" },
    ]);
    expect(await readFile(join(library.out, "disk+0 %.vmdk"))).toEqual(disk);
    expect(await readFile(join(library.out, "vm.ovf"), "utf8")).toBe(ovf);
    expect(asked).toBe(1);
    expect(requests.filter((line) => line.startsWith("401"))).toHaveLength(1);
    const stream = await subscription.openFile(onlyItem(subscription), "disk+0 %.vmdk");
    expect(await buffer(stream)).toEqual(disk);
    expect(stream.facts?.verifiedBy).toBe("checksum");
  });

  test("sends no password to a server that requires none", async () => {
    await using library = await published();
    const sent: (string | undefined)[] = [];
    await using server = await serveFiles(library.directory, ({ headers }) => {
      sent.push(headers.authorization);
      return false;
    });
    await using subscription = await openSubscription(server.url, { password });
    await save(subscription, library.out);
    expect(new Set(sent)).toEqual(new Set([undefined]));
  });

  test("sends no password to where the server redirects", async () => {
    await using library = await published();
    const sent: string[] = [];
    await using server = await serveFiles(library.directory, ({ headers }, response, path) => {
      sent.push(`${path} ${headers.authorization === undefined ? "without" : "with"}`);
      if (headers.authorization === undefined) response.writeHead(401).end();
      else if (path === "moved.json") response.writeHead(307, { location: "lib.json" }).end();
      else return false;
      return true;
    });
    const url = server.url.replace("lib.json", "moved.json");
    expect(await problemOf(openSubscription(url, { password }))).toBe("login");
    expect(sent.slice(0, 3)).toEqual(["moved.json without", "moved.json with", "lib.json without"]);
  });

  test("logs in where only a file requires it", async () => {
    await using library = await published();
    await using server = await serveFiles(library.directory, ({ headers }, response, path) => {
      if (path.endsWith(".json") || headers.authorization !== undefined) return false;
      response.writeHead(401).end();
      return true;
    });
    await using subscription = await openSubscription(server.url, { password });
    expect((await save(subscription, library.out)).files).toHaveLength(2);
  });

  test("refuses a wrong password, a missing one, and a wrong pin, in words that contain no secret", async () => {
    await using library = await published();
    await using server = await serveLibrary(library.directory, { certificate, password });
    const thumbprint = server.fingerprints?.sha256 ?? "";
    const open = (options: SubscriptionOptions): Promise<Subscription> => openSubscription(server.url, options);
    await expect(open({ thumbprint, password: "wrong secret" })).rejects.toMatchObject({
      code: "VCSP",
      problem: "login",
      message: `The server at ${server.url.origin} refuses the password of the user vcsp`,
    });
    await expect(open({ thumbprint })).rejects.toMatchObject({
      problem: "login",
      message: `The server at ${server.url.origin} requires the password of the user vcsp`,
    });
    await expect(open({ thumbprint: "00".repeat(32), password })).rejects.toBeInstanceOf(CertificateError);
    await expect(open({ password })).rejects.toBeInstanceOf(CertificateError);
  });

  test("refuses what is not a library", async () => {
    await using library = await published();
    const { directory } = library;
    await using server = await serveFiles(directory, (_, response, path) => {
      if (path === "huge.json") response.writeHead(200).end(Buffer.alloc(1_100_000, " "));
      else if (path === "private.json") response.writeHead(403).end();
      else if (path === "elsewhere.json") response.writeHead(302, { location: "http://127.0.0.1:9/lib.json" }).end();
      else return false;
      return true;
    });
    const open = (name: string): Promise<unknown> => problemOf(openSubscription(server.url.replace("lib.json", name)));
    expect(await open("none.json")).toBe("not-found");
    expect(await open("huge.json")).toBe("unreadable");
    expect(await open("private.json")).toBe("login");
    expect(await open("elsewhere.json")).toBe("refused");
    expect(await open("items.json")).toBe("unreadable");
    for (const href of ["../vm.ovf", "/etc/passwd", "http://127.0.0.1:9/x", "a/%2e%2e/b", "%2Fetc"]) {
      await restate(directory, (file) => (file["hrefs"] = [href]));
      expect(`${href} ${String(await open("lib.json"))}`).toBe(`${href} unreadable`);
    }
    await restate(directory, (file) => Object.assign(file, { hrefs: ["x"], name: "vm.ovf" }));
    expect(await open("lib.json")).toBe("duplicate");
    await writeFile(join(directory, "items.json"), "<html>");
    expect(await open("lib.json")).toBe("unreadable");
    await rm(join(directory, "items.json"));
    await expect(openSubscription(server.url)).rejects.toMatchObject({
      problem: "not-found",
      message: `The server has no "${server.url.replace("lib.json", "items.json")}" (status 404)`,
    });
    for (const url of [
      "ftp://h/lib.json",
      "https://vcsp:x@h/lib.json",
      "https://h/lib.json?x",
      "https://h/images/",
      "lib.json",
    ]) {
      await expect(openSubscription(url)).rejects.toBeInstanceOf(TypeError);
    }
  });

  test("does not write outside of the directory, whatever a file is called", async () => {
    await using library = await published();
    await restate(library.directory, (file) => (file["name"] = "../escaped"));
    await using server = await serveFiles(library.directory);
    await using subscription = await openSubscription(server.url);
    expect(await problemOf(save(subscription, library.out))).toBe("name");
  });
});

describe("Subscription.download", () => {
  test("verifies files of other generators by their length", async () => {
    await using library = await published();
    await restate(library.directory, (file) => {
      file["etag"] = "d41d8cd98f00b204e9800998ecf8427e";
      delete file["generationNum"];
    });
    await using server = await serveFiles(library.directory);
    await using subscription = await openSubscription(server.url);
    expect((await save(subscription, library.out)).files).toMatchObject([
      { verifiedBy: "length" },
      { verifiedBy: "checksum" },
    ]);
    expect(await problemOf(save(subscription, `${library.out}-2`, { requireVerified: "checksum" }))).not.toBe(
      undefined,
    );
  });

  test("downloads from a library that a Python generator wrote, with references that are not encoded", async () => {
    await using folder = await tempDirectory();
    const directory = join(folder.path, "library");
    await mkdir(join(directory, "My ISO"), { recursive: true });
    await writeFile(join(directory, "My ISO", "100% a.iso"), disk);
    const library = {
      vcspVersion: "2",
      version: "7",
      contentVersion: "1",
      name: "Py",
      id: `urn:uuid:${uuid}`,
      created: "2022-01-01T10:00Z",
    };
    const capabilities = { transferIn: ["httpGet"], transferOut: ["httpGet"] };
    await writeFile(join(directory, "lib.json"), JSON.stringify({ ...library, capabilities, itemsHref: "items.json" }));
    const file = {
      name: "100% a.iso",
      size: disk.length,
      etag: "0f343b0931126a20f133d67c2b018a3b",
      hrefs: ["My ISO/100% a.iso"],
    };
    const item = {
      created: "2022-01-01T10:00Z",
      description: "",
      version: "3",
      files: [file],
      id: `urn:uuid:${uuid}`,
      name: "My ISO",
    };
    const items = [{ ...item, properties: {}, selfHref: "My ISO/item.json", type: "vcsp.iso" }];
    await writeFile(join(directory, "items.json"), JSON.stringify({ items }));
    await using server = await serveFiles(directory);
    await using subscription = await openSubscription(server.url);
    const report = await save(subscription, join(folder.path, "out"));
    expect(report).toMatchObject({ contentVersion: "3", files: [{ name: "100% a.iso", verifiedBy: "length" }] });
    expect(await readFile(join(folder.path, "out", "100% a.iso"))).toEqual(disk);
  });

  test("skips what is unchanged by the record, and fetches a file whose item has a new version", async () => {
    await using library = await published();
    await using server = await serveFiles(library.directory);
    await using subscription = await openSubscription(server.url);
    const options = { record: {} };
    expect((await save(subscription, library.out, options)).receivedBytes).toBeGreaterThan(0);
    const before = server.requests.length;
    const again = await save(subscription, library.out, options);
    expect(again.files.map(({ unchangedSince }) => unchangedSince)).not.toContain(undefined);
    expect(new Set(server.requests.slice(before))).toEqual(new Set(["lib.json"]));
    await writeFile(join(library.directory, "Größe 1+1 %", "vm.ovf"), "<Envelope>new</Envelope>");
    await publish(library.directory);
    const changed = await save(subscription, library.out, { ...options, existing: "overwrite" });
    expect(changed.contentVersion).toBe("2");
    expect(await readFile(join(library.out, "vm.ovf"), "utf8")).toBe("<Envelope>new</Envelope>");
  });

  test("resumes after a reset, and where an earlier run stopped, by a range of the same ETag", async () => {
    await using library = await published();
    await using origin = await serveLibrary(library.directory, { certificate: false });
    const ranges: (string | undefined)[] = [];
    let cuts = 2;
    // Between the server and the client, so that ranges and ETags are the server's.
    await using server = await serveFiles(library.directory, async ({ headers }, response, path) => {
      if (!path.endsWith(".vmdk")) return false;
      ranges.push([headers.range, headers["if-range"]].join(" "));
      const { range, "if-range": ifRange } = headers;
      const url = new URL(path.split("/").map(encodeURIComponent).join("/"), origin.url);
      const answer = await fetch(url, {
        headers: { ...(range !== undefined && { range }), ...(typeof ifRange === "string" && { "if-range": ifRange }) },
      });
      const bytes = Buffer.from(await answer.arrayBuffer());
      const names = ["etag", "content-range", "content-length"];
      response.writeHead(
        answer.status,
        Object.fromEntries(
          names.flatMap((name) => [[name, answer.headers.get(name)]]).filter(([, value]) => value !== null),
        ) as Record<string, string>,
      );
      cuts -= 1;
      if (cuts < 0) response.end(bytes);
      else response.write(bytes.subarray(0, 100_000), () => response.destroy());
      return true;
    });
    await using subscription = await openSubscription(server.url);
    expect(await problemOf(save(subscription, library.out, { resumeLimit: 0 }))).not.toBe(undefined);
    const { files } = await save(subscription, library.out);
    expect(files).toMatchObject([{ verifiedBy: "checksum", receivedBytes: 200_000 }, {}]);
    expect(await readFile(join(library.out, "disk+0 %.vmdk"))).toEqual(disk);
    const etag = `"${hexDigest("sha256", disk)}"`;
    expect(ranges).toEqual([" ", `bytes=100000- ${etag}`, `bytes=200000- ${etag}`]);
  });

  test("refuses a file whose size or digest the library states wrongly", async () => {
    await using library = await published();
    await using server = await serveFiles(library.directory);
    for (const [change, problem] of [
      [{ size: disk.length + 1, etag: "" }, "length"],
      [{ size: disk.length - 1, etag: "" }, "length"],
      [{ size: disk.length, etag: "0".repeat(64) }, "digest"],
    ] as const) {
      await restate(library.directory, (file) => Object.assign(file, change));
      await using subscription = await openSubscription(server.url);
      const failed = save(subscription, library.out, { include: ["*.vmdk"] });
      expect(await problemOf(failed)).toBe(problem);
      expect(await readdir(library.out)).not.toContain("disk+0 %.vmdk");
    }
  });

  test("reports a file that is listed and missing, and downloads the others", async () => {
    await using library = await published();
    await rm(join(library.directory, "Größe 1+1 %", "disk+0 %.vmdk"));
    await using server = await serveFiles(library.directory);
    await using subscription = await openSubscription(server.url);
    const error = await save(subscription, library.out).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(PartialDownloadError);
    const { failed } = error as PartialDownloadError;
    expect(failed).toMatchObject([{ name: "disk+0 %.vmdk", error: { problem: "refused", status: 404 } }]);
    expect(failed[0]?.error.message).toMatch(/^The library lists "disk\+0 %\.vmdk", but http:\S+ has no such file$/u);
    expect(await readdir(library.out)).toContain("vm.ovf");
  });

  test.each(["grows", "is gone"])("notices that the item's version %s during the download", async (how) => {
    await using library = await published();
    const { directory } = library;
    await using server = await serveFiles(directory, async (_, response, path) => {
      if (!path.endsWith(".vmdk")) return false;
      response.writeHead(200, { "content-length": disk.length });
      response.write(disk.subarray(0, 1000));
      if (how === "grows") await writeFile(join(directory, "Größe 1+1 %", "vm.ovf"), "<Envelope>new</Envelope>");
      else await rm(join(directory, "Größe 1+1 %"), { recursive: true });
      await publish(directory);
      response.end(disk.subarray(1000));
      return true;
    });
    await using subscription = await openSubscription(server.url);
    const error = (await save(subscription, library.out, { include: ["*.vmdk"] }).catch(
      (reason: unknown) => reason,
    )) as IntegrityError;
    expect(error).toMatchObject({ code: "INTEGRITY", problem: "changed" });
    expect(error.message).toBe(
      'Item "Größe 1+1 %" changed during the download of "disk+0 %.vmdk": ' +
        (how === "grows" ? "its version was 1 and is now 2" : "it is no longer published"),
    );
    expect(await readdir(library.out)).not.toContain("disk+0 %.vmdk");
    expect(server.requests.filter((path) => path.endsWith(".vmdk"))).toHaveLength(1);
  });
});
