import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { IntegrityError } from "@carrel/core";
import { PartialDownloadError } from "@carrel/node-stream";
import { hexDigest, tempDirectory } from "@carrel/test-kit";
import { describe, expect, test } from "vitest";
import { serveLibrary } from "../src/serve.ts";
import { openSubscription } from "../src/subscribe.ts";
import { disk, uuid, publish, published, serveFiles, save, problemOf, restate } from "./support/published.ts";

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
