import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { assert, asyncProperty, constantFrom, integer, record } from "fast-check";
import { describe, expect, test } from "vitest";
import { openFile, openTransfer } from "../../src/index.ts";
import { openDesk } from "../download/desk.ts";
import { sha256, tempDirectory } from "@carrel/test-kit";
import { serveBytes, startByteServer } from "../support/byte-server.ts";
import { goodManners, poorManners, startFaultyServer } from "../support/faulty-server.ts";
import { readAll } from "../support/read-all.ts";

const file = randomBytes(300_000);
const quick = { proxy: false, resumeDelayMs: 1 } as const;

describe("openTransfer, with startByte and endByte,", () => {
  test("reads what fs.createReadStream reads for start and end, whatever the server, even after an interruption", async () => {
    await using folder = await tempDirectory();
    const path = join(folder.path, "file");
    await writeFile(path, file);
    const position = integer({ min: 0, max: file.length + 5_000 });
    await assert(
      asyncProperty(
        record({
          one: position,
          other: position,
          manners: constantFrom(
            goodManners,
            poorManners,
            { ...goodManners, ranges: false },
            { ...goodManners, etag: undefined },
          ),
          breakAt: integer({ min: 0, max: file.length - 1 }),
          kind: constantFrom("reset" as const, "shortClose" as const),
          connectionsPerFile: constantFrom(1, 3),
        }),
        async ({ one, other, manners, breakAt, kind, connectionsPerFile }) => {
          const startByte = Math.min(one, other, file.length);
          const endByte = Math.max(one, other);
          const expected = await buffer(createReadStream(path, { start: startByte, end: endByte }));
          await using server = await startFaultyServer(file, [{ kind, atByte: breakAt }], manners);
          const stream = openTransfer({ uri: server.url() }, { ...quick, startByte, endByte, connectionsPerFile });
          const seen = await readAll(stream);
          expect(seen.error).toBeUndefined();
          expect(seen.bytes.equals(expected)).toBe(true);
          expect(seen.isEnded).toBe(true);
          expect(stream.receivedBytes).toBe(startByte + expected.length);
          expect(stream.consumedBytes).toBe(stream.receivedBytes);
          const isWhole = startByte === 0 && endByte >= file.length;
          if (!isWhole) expect(stream.facts).toMatchObject({ verifiedBy: "nothing", checksum: undefined, digests: {} });
          await server.idle();
        },
      ),
      { numRuns: 60 },
    );
  });

  test("fetches no other byte where the server honours ranges", async () => {
    await using server = await startByteServer((request, response) => serveBytes(file, request, response));
    const stream = openTransfer({ uri: server.url() }, { ...quick, startByte: 100, endByte: 299 });
    expect((await readAll(stream)).bytes.equals(file.subarray(100, 300))).toBe(true);
    expect(server.requests.map(({ headers }) => headers.range)).toEqual(["bytes=100-299"]);
    expect(stream.fetchedBytes).toBe(200);
    expect(stream.facts).toMatchObject({ verifiedBy: "nothing", sizeBytes: file.length });
  });

  test("cuts the part out of the whole where the server ignores ranges, and closes the connection after it", async () => {
    const large = Buffer.alloc(50_000_000, 7);
    await using server = await startByteServer((_request, response) => {
      response.writeHead(200, { "content-length": large.length }).end(large);
    });
    const stream = openTransfer({ uri: server.url() }, { ...quick, startByte: 100, endByte: 299 });
    expect((await readAll(stream)).bytes).toHaveLength(200);
    expect(stream.fetchedBytes).toBeLessThan(1_000_000);
    expect(server.requests).toHaveLength(1);
    await server.idle();
  });

  test("fails with the reason after the end of the file, whether or not the server honours ranges", async () => {
    for (const manners of [goodManners, { ...goodManners, ranges: false }]) {
      await using server = await startFaultyServer(file, [], manners);
      const stream = openTransfer({ uri: server.url() }, { ...quick, startByte: file.length + 1, fileName: "d.iso" });
      const { error, isEnded } = await readAll(stream);
      expect(isEnded).toBe(false);
      expect(error).toMatchObject({ code: "INTEGRITY" });
      expect(String(error)).toContain(`${file.length} bytes long`);
      // Nothing was delivered before the byte at which the caller starts.
      expect(String(error)).toMatch(new RegExp(`from byte ${file.length + 1}\\b`));
      expect(String(error)).not.toContain("delivered");
      expect(server.requests).toHaveLength(1);
    }
  });

  test("verifies the whole file where the prefix is given", async () => {
    await using server = await startByteServer((request, response) => serveBytes(file, request, response));
    const checksum = { algorithm: "SHA256", checksum: sha256(file) } as const;
    const stream = openTransfer(
      { uri: server.url() },
      {
        ...quick,
        startByte: 1000,
        prefix: async function* prefix() {
          yield file.subarray(0, 1000);
        },
        expect: { checksum },
      },
    );
    expect((await readAll(stream)).bytes.equals(file.subarray(1000))).toBe(true);
    expect(stream.facts).toMatchObject({ verifiedBy: "checksum", checksum });
  });

  test("neither needs, requests nor claims a checksum for a part of a leased file", async () => {
    await using desk = await openDesk({ files: [{ name: "d.iso", sizeBytes: 100_000 }] });
    await using lease = await desk.client.lease(desk.item.id);
    const all = Buffer.from(await desk.item.file("d.iso").bytes());
    for (const part of [{ startByte: 5_000 }, { endByte: 4_999 }, { startByte: 5_000, endByte: 5_000 }]) {
      const stream = await openFile(lease, "d.iso", { ...quick, ...part });
      const { bytes } = await readAll(stream);
      expect(bytes.equals(all.subarray(part.startByte ?? 0, (part.endByte ?? all.length - 1) + 1))).toBe(true);
      expect(stream.facts).toMatchObject({ verifiedBy: "nothing", sizeBytes: all.length });
    }
  });

  test.for([
    [{ startByte: 5, endByte: 4 }, RangeError, /endByte/u],
    [{ endByte: -1 }, RangeError, /endByte/u],
    [{ endByte: 1.5 }, RangeError, /endByte/u],
    [{ endByte: 9, expect: { checksum: { checksum: "0".repeat(40) } } }, TypeError, /whole file/u],
    [{ startByte: 9, expect: { checksum: { checksum: "0".repeat(40) } } }, TypeError, /whole file/u],
  ] as const)("rejects %j", ([options, type, message]) => {
    const open = (): unknown => openTransfer({ uri: "http://127.0.0.1:9/" }, { proxy: false, ...options });
    expect(open).toThrow(type);
    expect(open).toThrow(message);
  });
});
