import { buffer, text } from "node:stream/consumers";
import { finished } from "node:stream/promises";
import { hexDigest, tarHeader, writeTar } from "@carrel/test-kit";
import type { TarEntry } from "@carrel/test-kit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { openRandomAccess } from "../../src/index.ts";
import { listOva, openOvaMember } from "../../src/ovf.ts";
import type { OvaBytes, OvaListing } from "../../src/ovf.ts";
import { serveBytes, startByteServer } from "../support/byte-server.ts";

const ovf = { name: "photon.ovf", content: "<Envelope/>" };
const disk = { name: "disk.vmdk", content: Buffer.alloc(3_000_000, "disk ") };
const manifest = {
  name: "photon.mf",
  content: `SHA256(photon.ovf)= ${hexDigest("sha256", ovf.content)}\nSHA1(disk.vmdk)= ${hexDigest("sha1", disk.content)}\n`,
};

function inMemory(bytes: Buffer): OvaBytes {
  return { sizeBytes: bytes.length, read: async (position, length) => bytes.subarray(position, position + length) };
}

async function list(entries: readonly TarEntry[]): Promise<OvaListing & { readonly archive: OvaBytes }> {
  const archive = inMemory(writeTar(entries));
  const listing = await listOva(archive);
  if (listing === undefined) throw new Error("It is no archive.");
  return { ...listing, archive };
}

test("listOva lists the files with what the manifest states, and openOvaMember reads each", async () => {
  const { members, notes, archive } = await list([ovf, manifest, disk]);
  expect(notes).toEqual([]);
  expect(members).toMatchObject([
    { name: "photon.ovf", sizeBytes: 11, manifest: "photon.mf", digest: { algorithm: "sha256" } },
    { name: "photon.mf" },
    { name: "disk.vmdk", sizeBytes: 3_000_000, manifest: "photon.mf", digest: { algorithm: "sha1" } },
  ]);
  expect(members[1]).not.toHaveProperty("digest");
  for (const [index, { content }] of [ovf, manifest, disk].entries()) {
    const member = members[index];
    if (member === undefined) throw new Error("It is missing.");
    const stream = openOvaMember(archive, member);
    expect(Buffer.compare(await buffer(stream), Buffer.from(content))).toBe(0);
    expect(stream.verifiedBy).toBe(index === 1 ? "nothing" : "manifest");
  }
});

test("openOvaMember never delivers all bytes of a file that the manifest contradicts", async () => {
  const other = { ...disk, content: Buffer.from(disk.content).fill(0, 2_999_999) };
  const { members, archive } = await list([manifest, ovf, other]);
  const stream = openOvaMember(archive, members[2]!);
  let bytes = 0;
  stream.on("data", (chunk: Buffer) => (bytes += chunk.length));
  await expect(finished(stream)).rejects.toMatchObject({
    code: "INTEGRITY",
    problem: "archive",
    message: '"disk.vmdk" in the archive does not match "photon.mf"',
  });
  expect(bytes).toBeLessThan(other.content.length);
  expect(stream.verifiedBy).toBeUndefined();
});

test("listOva lists the last of several files with one name, and notes it", async () => {
  const { members, notes, archive } = await list([ovf, { ...ovf, content: "second" }]);
  expect(members).toHaveLength(1);
  expect(await text(openOvaMember(archive, members[0]!))).toBe("second");
  expect(notes).toMatchObject([{ reason: "repeated-member", file: "photon.ovf" }]);
});

test("listOva lists what a truncated archive has, and openOvaMember refuses the member that is cut off", async () => {
  const archive = inMemory(writeTar([ovf, disk]).subarray(0, 100_000));
  const listing = await listOva(archive);
  expect(listing?.notes).toMatchObject([{ reason: "truncated" }]);
  expect(listing?.members.map(({ name, extents }) => [name, extents !== undefined])).toEqual([
    ["photon.ovf", true],
    ["disk.vmdk", false],
  ]);
  expect(() => openOvaMember(archive, listing!.members[1]!)).toThrow(
    'Cannot locate the bytes of "disk.vmdk" in the archive',
  );
});

test("listOva finds no archive in what is none", async () => {
  expect(await listOva(inMemory(Buffer.from("<Envelope/>".repeat(100))))).toBeUndefined();
  expect(await listOva(inMemory(Buffer.alloc(0)))).toBeUndefined();
});

test("listOva and openOvaMember take whatever bytes there are", async () => {
  const good = writeTar([ovf, manifest, { name: "readme", content: "x".repeat(2_000) }]);
  await fc.assert(
    fc.asyncProperty(fc.nat(good.length), fc.uint8Array({ maxLength: 20 }), async (at, change) => {
      const archive = inMemory(Buffer.concat([good.subarray(0, at), change, good.subarray(at + change.length)]));
      for (const member of (await listOva(archive))?.members ?? []) {
        if (member.extents === undefined) continue;
        const failed = await buffer(openOvaMember(archive, member)).then(
          (bytes) => expect(bytes).toHaveLength(member.sizeBytes),
          (error: unknown) => error,
        );
        if (failed instanceof Error) expect(failed).toMatchObject({ code: "INTEGRITY", problem: "archive" });
      }
    }),
  );
});

test("a descriptor of 20 kB in an archive of 40 GB costs well under 1 MiB", async () => {
  const descriptor = { name: "big.ovf", content: "<Envelope/>".padEnd(20_000) };
  const diskBytes = 13 * 1024 ** 3;
  const head = writeTar([descriptor]).subarray(0, -1_024);
  const diskHeader = (index: number): Buffer => tarHeader({ name: `disk-${index}.vmdk`, sizeBytes: diskBytes });
  const end = Buffer.alloc(1_024);
  // The disks are zeros that nobody reads.
  const pieces = [0, 1, 2].map((index) => ({ at: head.length + index * (512 + diskBytes), bytes: diskHeader(index) }));
  const sizeBytes = head.length + 3 * (512 + diskBytes) + end.length;
  const bytesAt = (first: number, last: number): Buffer => {
    const bytes = Buffer.alloc(last - first + 1);
    for (const { at, bytes: piece } of [{ at: 0, bytes: head }, ...pieces]) {
      if (at > last || at + piece.length <= first) continue;
      piece.copy(bytes, Math.max(at - first, 0), Math.max(first - at, 0));
    }
    return bytes;
  };
  await using server = await startByteServer((request, response) => {
    const [, first = "0", last = "0"] = /^bytes=(\d+)-(\d+)$/u.exec(request.headers.range ?? "") ?? [];
    const to = Math.min(Number(last), sizeBytes - 1);
    response.writeHead(206, {
      "content-range": `bytes ${first}-${to}/${sizeBytes}`,
      "content-length": to - Number(first) + 1,
      etag: '"v1"',
    });
    response.end(bytesAt(Number(first), to));
  });
  await using access = await openRandomAccess({ uri: server.url() }, { proxy: false, maxFetchedBytes: 1_048_576 });
  const { members = [] } = (await listOva(access)) ?? {};
  expect(members.map(({ name, sizeBytes: bytes }) => [name, bytes])).toEqual([
    ["big.ovf", 20_000],
    ["disk-0.vmdk", diskBytes],
    ["disk-1.vmdk", diskBytes],
    ["disk-2.vmdk", diskBytes],
  ]);
  expect(await text(openOvaMember(access, members[0]!))).toBe(descriptor.content);
  expect(access.fetchedBytes).toBeLessThan(200_000);
  expect(server.requests.length).toBeLessThanOrEqual(6);
});

test("openOvaMember closes the connection when it is left in the middle", async () => {
  const bytes = writeTar([ovf, disk]);
  await using server = await startByteServer((request, response) => serveBytes(bytes, request, response));
  await using access = await openRandomAccess({ uri: server.url() }, { proxy: false });
  const listing = await listOva(access);
  for await (const chunk of openOvaMember(access, listing!.members[1]!)) {
    expect((chunk as Buffer).length).toBeGreaterThan(0);
    break;
  }
  expect(access.fetchedBytes).toBeLessThan(bytes.length);
});
