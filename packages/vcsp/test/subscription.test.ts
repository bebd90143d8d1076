import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { CertificateError } from "@carrel/core";
import { hexDigest } from "@carrel/test-kit";
import { describe, expect, test } from "vitest";
import { serveLibrary } from "../src/serve.ts";
import { openSubscription } from "../src/subscribe.ts";
import type { Subscription, SubscriptionOptions, SubscriptionPassword } from "../src/subscribe.ts";
import {
  disk,
  ovf,
  certificate,
  password,
  published,
  serveFiles,
  onlyItem,
  save,
  problemOf,
  restate,
} from "./support/published.ts";

describe("openSubscription", () => {
  test.for(["http", "https"])("asks a host that answers nothing over %s once", async (scheme) => {
    let connections = 0;
    const sockets = new Set<Socket>();
    const silent = createServer((socket) => {
      connections += 1;
      sockets.add(socket.on("error", () => undefined));
    });
    await once(silent.listen(0, "127.0.0.1"), "listening");
    const { port } = silent.address() as AddressInfo;
    const address = `${scheme}://127.0.0.1:${port}/lib.json`;
    const opening = openSubscription(address, { stallTimeoutMs: 200 });
    await expect(opening).rejects.toMatchObject({
      problem: "stalled",
      message: `The server at ${new URL(address).origin} does not answer the request for "${address}"`,
    });
    expect(connections).toBe(1);
    for (const socket of sockets) socket.destroy();
    silent.close();
    await once(silent, "close");
  });

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
