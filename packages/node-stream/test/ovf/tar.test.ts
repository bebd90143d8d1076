import fc from "fast-check";
import { expect, test } from "vitest";
import { listTar } from "../../src/ovf/tar.ts";
import { memberPath } from "@carrel/core/transfer";
import type { TarListing } from "../../src/ovf/tar.ts";
import { paxRecord, tarHeader, writeTar } from "@carrel/test-kit";

async function list(archive: Buffer): Promise<TarListing | undefined> {
  return listTar((position, length) => Promise.resolve(archive.subarray(position, position + length)), archive.length);
}

test("listTar lists members with names of any length", async () => {
  const long = `${"folder/".repeat(20)}disk.vmdk`;
  const archive = writeTar([
    { name: "a.ovf", content: "<Envelope/>" },
    { name: long, content: "x".repeat(1_000), nameIn: "pax" },
    { name: `gnu-${long}`, content: "", nameIn: "gnu" },
  ]);
  const listing = await list(archive);
  expect(listing).toMatchObject({ end: "marker", isFollowed: false });
  expect(listing?.members.map(({ name, kind, sizeBytes }) => [name, kind, sizeBytes])).toEqual([
    ["a.ovf", "file", 11],
    [long, "file", 1_000],
    [`gnu-${long}`, "file", 0],
  ]);
  expect(listing?.members[0]?.extents).toEqual([{ start: 512, sizeBytes: 11 }]);
});

test("listTar reads a size that does not fit in octal digits", async () => {
  const header = tarHeader({ name: "disk.vmdk", sizeBytes: 10_000_000_000 });
  const read = (position: number, length: number): Promise<Uint8Array> =>
    Promise.resolve(header.subarray(position, position + length));
  const member = { name: "disk.vmdk", kind: "file", sizeBytes: 10_000_000_000 };
  expect(await listTar(read, 20_000_000_000)).toMatchObject({ members: [member], end: "border" });
  expect(await listTar(read, 5_000_000_000)).toMatchObject({ members: [{ name: "disk.vmdk" }], end: "truncated" });
});

test.each([
  ["larger than any file", (header: Buffer) => header.fill(0xff, 125, 136).fill(0x80, 124, 125)],
  ["negative", (header: Buffer) => header.fill(0xff, 124, 136)],
  ["not a number", (header: Buffer) => header.write("12x45678901", 124)],
])("listTar reports a size that is %s as damage", async (_what, change) => {
  const header = tarHeader({ name: "b.vmdk", sizeBytes: 0 });
  change(header);
  const archive = Buffer.concat([tarHeader({ name: "a.ovf", sizeBytes: 0 }), tarHeader.sealed(header)]);
  expect(await list(archive)).toMatchObject({ members: [{ name: "a.ovf" }], end: "damaged" });
});

test("listTar reports whether a cut archive ends between two members or in the middle of one", async () => {
  const archive = writeTar([
    { name: "a.ovf", content: "x".repeat(700) },
    { name: "b.vmdk", content: "y".repeat(2_000) },
  ]);
  // Each header and its bytes; the padding to a block may be missing.
  const ends = [512 + 700, 2_048 + 2_000];
  const expectedEnd = (length: number): string => {
    const [first = 0, second = 0] = ends;
    if (length < first || (length > 1_536 && length < second)) return "truncated";
    return length >= second + 48 + 512 ? "marker" : "border";
  };
  for (let length = 512; length <= archive.length; length += 4) {
    expect([length, (await list(archive.subarray(0, length)))?.end]).toEqual([length, expectedEnd(length)]);
  }
});

test("listTar accepts header sums of signed bytes, as old tools compute them", async () => {
  const header = tarHeader({ name: "dïsk.vmdk", sizeBytes: 0 });
  const signed = header.reduce(
    (sum, byte, at) => sum + (at >= 148 && at < 156 ? 32 : byte > 127 ? byte - 256 : byte),
    0,
  );
  header.write(`${signed.toString(8).padStart(6, "0")}\0 `, 148);
  expect(await list(header)).toMatchObject({ members: [{ name: "dïsk.vmdk" }], end: "border" });
});

test("listTar lists members without bytes of their own, and members of unknown types", async () => {
  const entry = (type: string, name: string, rest: object = {}): Buffer =>
    tarHeader({ type, name, sizeBytes: 0, ...rest });
  const archive = Buffer.concat([
    tarHeader({ type: "7", name: "contiguous", sizeBytes: 3 }),
    Buffer.from("abc".padEnd(512, "\0")),
    entry("\0", "folder-of-v7/"),
    // A hint about the size of the directory.
    entry("5", "folder", { sizeBytes: 4_096 }),
    entry("1", "hard", { linkName: "./contiguous" }),
    entry("1", "hard-with-size", { linkName: "contiguous", sizeBytes: 3 }),
    tarHeader({ type: "1", name: "hard-with-bytes", linkName: "contiguous", sizeBytes: 3 }),
    Buffer.from("abc".padEnd(512, "\0")),
    entry("1", "hard-to-nothing", { linkName: "gone" }),
    entry("2", "folder/soft", { linkName: "../contiguous" }),
    entry("3", "device"),
    entry("Z", "odd"),
  ]);
  expect(
    (await list(archive))?.members.map(({ name, kind, extents }) => [
      name,
      kind,
      kind === "directory" ? undefined : extents?.[0]?.start,
    ]),
  ).toEqual([
    ["contiguous", "file", 512],
    ["folder-of-v7/", "directory", undefined],
    ["folder", "directory", undefined],
    ["hard", "file", 512],
    ["hard-with-size", "file", 512],
    ["hard-with-bytes", "file", 3_584],
    ["hard-to-nothing", "link", undefined],
    ["folder/soft", "link", 512],
    ["device", "other", undefined],
    ["odd", "file", 6_144],
  ]);
});

test("listTar applies attributes of all members, of one, and removed ones", async () => {
  const archive = writeTar([
    { name: "g", content: "20 comment=whatever\n".padEnd(20), type: "g" },
    { name: "g", content: "13 path=all\n\n".slice(0, 12).replace("13", "12"), type: "g" },
    { name: "one", content: "1" },
    { name: "x", content: "12 path=own\n", type: "x" },
    { name: "two", content: "2" },
    { name: "x", content: "9 path=\n".replace("9", "8"), type: "x" },
    { name: "three", content: "3" },
  ]);
  expect((await list(archive))?.members.map(({ name }) => name)).toEqual(["all", "own", "three"]);
});

test.each([
  ["attributes that are malformed", { name: "x", content: "hello", type: "x" }],
  ["attributes without end", { name: "x", content: Buffer.alloc(9_000_000), type: "x" }],
])(
  "listTar does not locate a member's bytes after %s, and locates those of the next one",
  async (_what, attributes) => {
    const members = (await list(writeTar([attributes, { name: "a", content: "1" }, { name: "b", content: "2" }])))
      ?.members;
    expect(members?.map(({ name, extents }) => [name, extents === undefined])).toEqual([
      ["a", true],
      ["b", false],
    ]);
  },
);

test("listTar does not locate the bytes of a contradictory sparse map, or of another tool's", async () => {
  const sparse = (records: string): Promise<TarListing | undefined> =>
    list(
      writeTar([
        { name: "x", content: records, type: "x" },
        { name: "a", content: "12345" },
      ]),
    );
  const size = paxRecord("GNU.sparse.size", "100");
  const extentsOf = async (records: string): Promise<unknown> => (await sparse(records))?.members[0]?.extents;
  expect(await extentsOf(size + paxRecord("GNU.sparse.map", "10,5"))).toEqual([
    { start: undefined, sizeBytes: 10 },
    { start: 1_536, sizeBytes: 5 },
    { start: undefined, sizeBytes: 85 },
  ]);
  for (const map of ["10,4", "10,6", "10", "10,3,11,2", "99,5", "10,x"]) {
    expect([map, await extentsOf(size + paxRecord("GNU.sparse.map", map))]).toEqual([map, undefined]);
  }
  expect(await extentsOf(paxRecord("GNU.sparse.map", "10,5"))).toBeUndefined();
  expect(await extentsOf(paxRecord("GNU.sparse.major", "12"))).toBeUndefined();
  expect(await extentsOf(paxRecord("SCHILY.realsize", "100"))).toBeUndefined();
});

test("listTar does not read what follows the end, and distinguishes it from padding", async () => {
  const archive = writeTar([{ name: "a", content: "1" }]);
  const padded = Buffer.concat([archive, Buffer.alloc(100_000)]);
  expect(await list(padded)).toMatchObject({ end: "marker", isFollowed: false });
  expect(await list(Buffer.concat([padded, Buffer.from("x")]))).toMatchObject({ end: "marker", isFollowed: true });
  const twice = await list(Buffer.concat([archive, writeTar([{ name: "b", content: "2" }])]));
  expect(twice).toMatchObject({ members: [{ name: "a" }], end: "marker", isFollowed: true });
});

test("listTar lists members up to a bound", async () => {
  const header = tarHeader({ name: "a", sizeBytes: 0 });
  const read = (_position: number, length: number): Promise<Uint8Array> => Promise.resolve(header.subarray(0, length));
  const listing = await listTar(read, 1e12);
  expect(listing?.end).toBe("limit");
  expect(listing?.members).toHaveLength(100_000);
});

test("memberPath normalizes names that mean the same", () => {
  expect(["./a", "a/", "//a", "b/../a", "a"].map(memberPath)).toEqual(["a", "a", "a", "a", "a"]);
  expect(["../a", "a/./b", "."].map(memberPath)).toEqual(["../a", "a/b", ""]);
});

test("listTar recognizes what is not an archive", async () => {
  expect(await list(Buffer.from("<html>"))).toBeUndefined();
  expect(await list(Buffer.alloc(0))).toBeUndefined();
  expect(await list(Buffer.alloc(10_240))).toBeUndefined();
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 513, maxLength: 3_000 }), async (bytes) => {
      expect((await list(Buffer.from(bytes)))?.members ?? []).toEqual([]);
    }),
  );
});

test("listTar never reads outside of the archive, and always ends", async () => {
  const types = fc.constantFrom(..."0\u00001234567SLKxXgVMDNZ".split(""));
  const entry = fc.record({
    type: types,
    name: fc.string({ maxLength: 99 }),
    linkName: fc.string({ maxLength: 99 }),
    sizeBytes: fc.nat(4_000),
    body: fc.uint8Array({ maxLength: 3_000 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { minLength: 1, maxLength: 6 }), fc.boolean(), async (entries, isGnu) => {
      const archive = Buffer.concat(
        entries.flatMap(({ body, ...rest }) => [
          tarHeader({ ...rest, isGnu }),
          Buffer.alloc(Math.ceil(body.length / 512) * 512).fill(body),
        ]),
      );
      for (const { extents = [] } of (await list(archive))?.members ?? []) {
        for (const { start = 0, sizeBytes } of extents) expect(start + sizeBytes).toBeLessThanOrEqual(archive.length);
      }
    }),
  );
});

test("listTar reads what has no end up to a bound", { timeout: 60_000 }, async () => {
  const endless = (first: Buffer, rest: Buffer) => {
    const read = (position: number, length: number): Promise<Uint8Array> =>
      Promise.resolve((position === 0 ? first : rest).subarray(0, length));
    return listTar(read, 1e15);
  };
  // Attributes of members that never come, and pieces of a sparse file that never end.
  const attributes = tarHeader({ name: "x", type: "x", sizeBytes: 0 });
  expect(await endless(attributes, attributes)).toMatchObject({ members: [], end: "limit" });
  const sparse = tarHeader({ name: "s", type: "S", sizeBytes: 0, isGnu: true });
  sparse[482] = 1;
  expect(await endless(tarHeader.sealed(sparse), Buffer.alloc(512, 1))).toMatchObject({ members: [], end: "limit" });
  const empty = Buffer.alloc(512);
  empty[504] = 1;
  expect(await endless(sparse, empty)).toMatchObject({ members: [], end: "limit" });
});

test("listTar applies attributes of all members once, not for each of them", async () => {
  const path = paxRecord("path", "p".repeat(70_000));
  const maps = paxRecord("GNU.sparse.map", "0,".repeat(100_000));
  const members = Array.from({ length: 2_000 }, (_, index) => ({ name: `m${index}`, content: "" }));
  expect((await list(writeTar([{ name: "g", content: maps, type: "g" }, ...members])))?.members).toHaveLength(2_000);
  const unreadable = await list(writeTar([{ name: "g", content: path, type: "g" }, ...members]));
  expect(unreadable?.members.every(({ extents }) => extents === undefined)).toBe(true);
});
