import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { judgeResponse, pageInPlace, parseContentRange, rangeHeaders, readHead } from "@carrel/core/transfer";
import { planBlocks } from "../../src/transfer/blocks.ts";
import type { TransferState, ResponseVerdict } from "@carrel/core/transfer";

const plain: TransferState = {
  position: 0,
  lastByte: undefined,
  totalBytes: undefined,
  validator: {},
  rangesWork: true,
  spliceIsChecked: true,
  canCompare: true,
};
const midway: TransferState = { ...plain, position: 100, totalBytes: 1000, validator: { etag: '"a"' } };

function judge(
  state: TransferState,
  status: number,
  headers: Record<string, string> = {},
  ranged = true,
): ResponseVerdict {
  return judgeResponse(state, readHead(status, headers), { ranged, fileName: "disk.vmdk" });
}

describe("rangeHeaders", () => {
  test("request the rest, on condition that the file is the same", () => {
    expect(rangeHeaders(plain)).toEqual({});
    expect(rangeHeaders(midway)).toEqual({ range: "bytes=100-", "if-range": '"a"' });
    expect(rangeHeaders({ ...midway, lastByte: 199 })).toEqual({ range: "bytes=100-199", "if-range": '"a"' });
  });

  test("prefer a strong ETag, then Last-Modified, and never send a weak ETag", () => {
    const lastModified = "Mon, 23 Nov 2026 10:00:00 GMT";
    expect(rangeHeaders({ ...midway, validator: { etag: 'W/"a"', lastModified } })["if-range"]).toBe(lastModified);
    expect(rangeHeaders({ ...midway, validator: { etag: '"a"', lastModified } })["if-range"]).toBe('"a"');
    expect(rangeHeaders({ ...midway, validator: { etag: 'W/"a"' } })).toEqual({ range: "bytes=100-" });
  });

  test("request the whole file where a splice could go unnoticed, or ranges do not work", () => {
    expect(rangeHeaders({ ...midway, validator: {}, spliceIsChecked: false })).toEqual({});
    expect(rangeHeaders({ ...midway, validator: { etag: 'W/"a"' }, spliceIsChecked: false })).toEqual({});
    expect(rangeHeaders({ ...midway, rangesWork: false })).toEqual({});
  });
});

describe("judgeResponse", () => {
  test.for<[string, number, Record<string, string>, ResponseVerdict["kind"]]>([
    ["the part", 206, { "content-range": "bytes 100-999/1000", etag: '"a"', "content-length": "900" }, "body"],
    ["the whole", 200, { "content-length": "1000", etag: '"a"' }, "body"],
    ["the whole, chunked", 200, {}, "body"],
    ["another part", 206, { "content-range": "bytes 101-999/1000" }, "no-range"],
    ["a shorter part", 206, { "content-range": "bytes 100-998/1000" }, "no-range"],
    ["a part without a total", 206, { "content-range": "bytes 100-999/*" }, "no-range"],
    ["a part that does not say which", 206, {}, "no-range"],
    ["several parts", 206, { "content-type": "multipart/byteranges; boundary=x" }, "no-range"],
    ["a part and another length", 206, { "content-range": "bytes 100-999/1000", "content-length": "899" }, "no-range"],
    ["another total", 206, { "content-range": "bytes 100-1999/2000" }, "changed"],
    // Only the ETag differs: a part is not joined, and the whole file is compared.
    ["another ETag", 206, { "content-range": "bytes 100-999/1000", etag: '"b"' }, "no-range"],
    ["another whole", 200, { "content-length": "1000", etag: '"b"' }, "body"],
    ["another ETag and another length", 200, { "content-length": "999", etag: '"b"' }, "changed"],
    ["another length", 200, { "content-length": "999" }, "changed"],
    ["a login page", 200, { "content-type": "text/html;charset=UTF-8" }, "not-the-file"],
    ["a JSON document", 200, { "content-type": "application/problem+json" }, "not-the-file"],
    ["bytes called encoded", 200, { "content-encoding": "gzip" }, "body"],
    ["as many bytes called encoded", 200, { "content-encoding": "gzip", "content-length": "1000" }, "body"],
    ["encoded bytes", 200, { "content-encoding": "gzip", "content-length": "900" }, "not-the-file"],
    ["bytes encoded on the way", 200, { "transfer-encoding": "gzip" }, "not-the-file"],
    ["no such range, and a shorter file", 416, { "content-range": "bytes */50" }, "changed"],
    ["no such range, without a reason", 416, {}, "no-range"],
    ["no such range, although there is", 416, { "content-range": "bytes */1000" }, "no-range"],
    ["not logged in", 401, {}, "refused"],
    ["gone", 404, {}, "refused"],
    ["busy", 503, {}, "busy"],
    ["too many requests", 429, {}, "busy"],
    ["elsewhere", 302, { location: "https://elsewhere.example.test/" }, "redirect"],
    ["a redirect to nowhere", 302, {}, "failed"],
    ["a teapot", 418, {}, "failed"],
    ["nothing", 204, {}, "failed"],
  ])("%s", ([, status, headers, kind]) => {
    expect(judge(midway, status, headers).kind).toBe(kind);
  });

  test("finds nothing after the last byte", () => {
    const state = { ...midway, totalBytes: undefined };
    expect(judge(state, 416, { "content-range": "bytes */100" })).toEqual({ kind: "complete", totalBytes: 100 });
    expect(judge(midway, 416, { "content-range": "bytes */100" }).kind).toBe("changed");
  });

  test("accepts a part without the known ETag only where a digest is compared", () => {
    const headers = { "content-range": "bytes 100-999/1000" };
    expect(judge(midway, 206, headers).kind).toBe("body");
    expect(judge({ ...midway, spliceIsChecked: false }, 206, headers).kind).toBe("no-range");
    expect(judge({ ...midway, spliceIsChecked: false }, 206, { ...headers, etag: '"a"' }).kind).toBe("body");
  });

  test("rejects a part that was not requested", () => {
    expect(judge(plain, 206, { "content-range": "bytes 0-9/10" }, false).kind).toBe("failed");
  });

  test("accepts bytes only where they belong, whatever the response", () => {
    const number = fc.oneof(fc.constantFrom(0, 99, 100, 101, 999, 1000, 1001), fc.nat(2000));
    const range = fc.oneof(
      fc.tuple(number, number, fc.oneof(number, fc.constant("*"))).map(([a, b, total]) => `bytes ${a}-${b}/${total}`),
      number.map((total) => `bytes */${total}`),
      fc.string(),
    );
    const etag = fc.constantFrom('"a"', '"b"', 'W/"a"');
    const headers = fc.record(
      { "content-range": range, "content-length": fc.oneof(number.map(String), fc.string()), etag },
      { requiredKeys: [] },
    );
    const state = fc.record({
      position: number,
      lastByte: fc.constant(undefined),
      totalBytes: fc.option(number, { nil: undefined }),
      validator: fc.record({ etag }, { requiredKeys: [] }),
      rangesWork: fc.boolean(),
      spliceIsChecked: fc.boolean(),
      canCompare: fc.boolean(),
    });
    fc.assert(
      fc.property(state, fc.constantFrom(200, 206, 416), headers, fc.boolean(), (known, status, head, ranged) => {
        const verdict = judge(known, status, head, ranged);
        if (verdict.kind === "complete") expect(known.totalBytes ?? known.position).toBe(known.position);
        if (verdict.kind !== "body") return;
        if (known.totalBytes !== undefined) expect(verdict.totalBytes).toBe(known.totalBytes);
        const isChanged =
          known.validator.etag !== undefined && head.etag !== undefined && head.etag !== known.validator.etag;
        expect(verdict.changed !== undefined).toBe(isChanged);
        if (isChanged) expect([verdict.isPart, known.canCompare]).toEqual([false, true]);
        if (!verdict.isPart) {
          expect([status, verdict.skipBytes]).toEqual([200, known.position]);
          return;
        }
        expect([status, ranged, verdict.skipBytes]).toEqual([206, true, 0]);
        const last = (verdict.totalBytes ?? 0) - 1;
        expect(head["content-range"]).toBe(`bytes ${known.position}-${last}/${verdict.totalBytes}`);
        expect(verdict.bodyBytes).toBe(last - known.position + 1);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("parseContentRange", () => {
  test("reads valid headers and nothing else", () => {
    expect(parseContentRange("bytes 0-9/10")).toEqual({ firstByte: 0, lastByte: 9, totalBytes: 10 });
    expect(parseContentRange("Bytes 5-9/*")).toEqual({ firstByte: 5, lastByte: 9 });
    expect(parseContentRange("bytes */10")).toEqual({ totalBytes: 10 });
    for (const junk of [
      "bytes 0-9",
      "bytes 9-0/10",
      "bytes 0-10/10",
      "items 0-9/10",
      "bytes */*",
      "bytes -1-9/10",
      "bytes 0-9/10, 11-12/13",
      "bytes 0-99999999999999999999/999999999999999999999",
      "",
    ]) {
      expect(parseContentRange(junk)).toBeUndefined();
    }
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.nat(), (first, more, rest) => {
        const range = { firstByte: first, lastByte: first + more, totalBytes: first + more + 1 + rest };
        expect(parseContentRange(`bytes ${range.firstByte}-${range.lastByte}/${range.totalBytes}`)).toEqual(range);
      }),
    );
  });
});

test("readHead never throws, and reads lengths strictly", () => {
  expect(readHead(200, { "content-length": "12" }).contentLengthBytes).toBe(12);
  for (const junk of ["-1", "1e3", "0x10", "12, 12", ""]) {
    expect(readHead(200, { "content-length": junk }).contentLengthBytes).toBeUndefined();
  }
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.array(fc.string()))), (headers) => {
      expect(readHead(200, headers).status).toBe(200);
    }),
  );
});

test("pageInPlace accepts a file that is a page by its own name", () => {
  expect(pageInPlace("text/html", "readme.html")).toBeUndefined();
  expect(pageInPlace("application/json", "state.JSON")).toBeUndefined();
  expect(pageInPlace("text/html", "state.json")).toBe("an HTML page");
  for (const type of [undefined, "application/octet-stream", "text/xml", "text/plain", "application/x-iso9660-image"]) {
    expect(pageInPlace(type, "disk.iso")).toBeUndefined();
  }
});

test("planBlocks covers the rest of a file, each byte once", () => {
  fc.assert(
    fc.property(fc.nat(2 ** 33), fc.nat(2 ** 31), fc.integer({ min: 2, max: 16 }), (position, rest, connections) => {
      const blocks = planBlocks(position, position + rest, connections);
      let next = position;
      for (const { firstByte, lastByte } of blocks) {
        expect(firstByte).toBe(next);
        expect(lastByte - firstByte).toBeLessThan(4_194_304);
        next = lastByte + 1;
      }
      expect(next).toBe(position + rest);
    }),
    { numRuns: 50 },
  );
});
