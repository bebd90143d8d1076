import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { sha256 } from "@carrel/test-kit";
import { describe, expect, test } from "vitest";
import { openTransfer } from "../../src/index.ts";
import type { TransferOptions } from "../../src/index.ts";
import { rangeOf, startByteServer } from "../support/byte-server.ts";
import type { ByteServer } from "../support/byte-server.ts";
import { readAll } from "../support/read-all.ts";
import type { Seen } from "../support/read-all.ts";

const file = randomBytes(1_000_000);
const other = Buffer.concat([file.subarray(0, 100_000), randomBytes(1), file.subarray(100_001)]);

/** What one response states about the file. */
interface BackEnd {
  readonly bytes?: Buffer;
  readonly etag?: string;
  readonly lastModified?: string;
  /** Breaks off after this many bytes of its body. */
  readonly cut?: number;
  /** Serves ranges without checking whether they are of the same file. */
  readonly careless?: boolean;
}

/** Answers each request from another back end, and all further ones from the last. */
function startBackEnds(ends: readonly BackEnd[]): Promise<ByteServer> {
  return startByteServer((request, response, index) => {
    const { bytes = file, etag, lastModified, cut, careless = false } = ends[Math.min(index, ends.length - 1)] ?? {};
    if (careless) delete request.headers["if-range"];
    const range = rangeOf(request, bytes.length, etag ?? lastModified);
    if (range === "unsatisfiable") throw new Error("Nobody should ask for that.");
    const { first, last } = range ?? { first: 0, last: bytes.length - 1 };
    const body = bytes.subarray(first, last + 1);
    response.writeHead(range === undefined ? 200 : 206, {
      "content-length": body.length,
      ...(etag !== undefined && { etag }),
      ...(lastModified !== undefined && { "last-modified": lastModified }),
      ...(range !== undefined && { "content-range": `bytes ${first}-${last}/${bytes.length}` }),
    });
    if (cut === undefined) response.end(body);
    else response.write(body.subarray(0, cut), () => response.destroy());
  });
}

function transfer(server: ByteServer, options: TransferOptions = {}): Promise<Seen> {
  return readAll(openTransfer({ uri: server.url() }, { proxy: false, resumeDelayMs: 1, ...options }));
}

const checksum = { checksum: sha256(file), algorithm: "SHA256" } as const;
const ways: readonly (readonly [string, TransferOptions])[] = [
  ["nothing known", {}],
  ["a checksum", { expect: { checksum } }],
  ["digests", { digests: ["SHA1", "MD5"] }],
  ["several connections", { connectionsPerFile: 3 }],
];

describe.for(ways)("openTransfer, from back ends that identify one file differently, with %s,", ([, options]) => {
  test.for<[string, readonly BackEnd[]]>([
    ["another ETag", [{ etag: '"a"', cut: 500_000 }, { etag: '"b"' }]],
    [
      "another ETag with a part",
      [
        { etag: '"a"', cut: 500_000 },
        { etag: '"b"', careless: true },
      ],
    ],
    ["inode, size and time", [{ etag: '"1a2-f4240-5e3"', cut: 500_000 }, { etag: '"7b9-f4240-5e3"' }]],
    ["strong, then weak", [{ etag: '"a"', cut: 500_000 }, { etag: 'W/"a"' }]],
    ["weak, then strong", [{ etag: 'W/"a"', cut: 500_000 }, { etag: '"a"' }]],
    [
      "weak and another weak",
      [
        { etag: 'W/"a"', cut: 500_000 },
        { etag: 'W/"b"', careless: true },
      ],
    ],
    ["a suffix", [{ etag: '"a"', cut: 500_000 }, { etag: '"a-gzip"' }]],
    ["an ETag that is gone", [{ etag: '"a"', cut: 500_000 }, {}]],
    ["an ETag that is gone, with a part", [{ etag: '"a"', cut: 500_000 }, { careless: true }]],
    ["an ETag that is new", [{ cut: 500_000 }, { etag: '"a"' }]],
    [
      "another time",
      [
        { lastModified: "Mon, 23 Nov 2026 10:00:00 GMT", cut: 500_000 },
        { lastModified: "Mon, 23 Nov 2026 10:00:01 GMT" },
      ],
    ],
    [
      "another time with a part",
      [
        { lastModified: "Mon, 23 Nov 2026 10:00:00 GMT", cut: 500_000 },
        { lastModified: "Mon, 23 Nov 2026 10:00:01 GMT", careless: true },
      ],
    ],
    [
      "several in turn",
      [
        { etag: '"a"', cut: 200_000 },
        { etag: '"b"', cut: 400_000 },
        { etag: '"a"', cut: 600_000 },
        { etag: '"c"', careless: true },
        { etag: '"c"', cut: 800_000 },
        { etag: '"a"' },
      ],
    ],
    [
      "the second one alone is asked for its rest",
      [{ etag: '"a"', cut: 200_000 }, { etag: '"b"', cut: 400_000 }, { etag: '"b"' }],
    ],
  ])("delivers the file: %s", async ([, ends]) => {
    await using server = await startBackEnds(ends);
    const seen = await transfer(server, options);
    expect(seen.error).toBeUndefined();
    expect(seen.isEnded && seen.bytes.equals(file)).toBe(true);
  });

  test.for([true, false])("never joins other content to what was delivered (parts: %s)", async (careless) => {
    await using server = await startBackEnds([
      { etag: '"a"', cut: 500_000 },
      { etag: '"b"', bytes: other, careless },
    ]);
    const { isEnded, bytes, error } = await transfer(server, options);
    // The first of several connections requests a small part, which is the same in both; the rest is of the second.
    if (isEnded) {
      expect(bytes.equals(other)).toBe(true);
      return;
    }
    expect(error).toMatchObject({ code: "INTEGRITY", problem: "changed" });
    expect(bytes.equals(file.subarray(0, bytes.length))).toBe(true);
  });
});

describe("openTransfer, from back ends that identify one file differently,", () => {
  test("gives up where they do so each time", async () => {
    let index = 0;
    await using server = await startByteServer((_request, response) => {
      index += 1;
      response.writeHead(200, { "content-length": file.length, etag: `"${index}"` });
      response.write(file.subarray(0, index * 1000), () => response.destroy());
    });
    const { error } = await transfer(server);
    expect(error).toMatchObject({ code: "TRANSFER", problem: "no-range", retryable: true });
    expect(server.requests).toHaveLength(7);
  });

  test("reads from the start and compares with the bytes before, where these are given", async () => {
    const prefix = (): Readable => Readable.from([file.subarray(0, 300_000)]);
    const before = { startByte: 300_000, expect: { validator: { etag: '"a"' } } };
    await using server = await startBackEnds([{ etag: '"b"' }]);
    const compared = await transfer(server, { ...before, prefix });
    expect(compared).toMatchObject({ isEnded: true, error: undefined });
    expect(compared.bytes.equals(file.subarray(300_000))).toBe(true);
    const alone = await transfer(server, before);
    expect(alone.error).toMatchObject({ code: "INTEGRITY", problem: "changed" });
    await using changed = await startBackEnds([{ etag: '"b"', bytes: other }]);
    expect((await transfer(changed, { ...before, prefix })).error).toMatchObject({ problem: "changed" });
  });
});
