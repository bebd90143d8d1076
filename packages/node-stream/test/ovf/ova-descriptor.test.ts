import { hexDigest, tarHeader, writeTar } from "@carrel/test-kit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { findOvaDescriptor, ovaStartBytes } from "../../src/ovf/ova-descriptor.ts";

const ovf = { name: "photon.ovf", content: "<Envelope/>" };
const sha256 = hexDigest("sha256", ovf.content);
const manifest = { name: "photon.mf", content: `SHA256(photon.ovf)= ${sha256}\nSHA256(disk.vmdk)= ${sha256}\n` };
const disk = tarHeader({ name: "disk.vmdk", sizeBytes: 8 * 1024 ** 3 });

/** The beginning of an archive whose disk follows. */
function startOf(...entries: Parameters<typeof writeTar>[0]): Buffer {
  return Buffer.concat([writeTar(entries).subarray(0, -1024), disk, Buffer.alloc(5_000, "x")]);
}

test("findOvaDescriptor finds it before the disks, and compares it with the manifest beside it", async () => {
  const found = await findOvaDescriptor(startOf(ovf, manifest));
  expect(found).toMatchObject({ name: "photon.ovf", verifiedBy: "manifest" });
  expect(Buffer.from(found?.bytes ?? []).toString()).toBe(ovf.content);
  expect(await findOvaDescriptor(startOf(ovf))).toMatchObject({ verifiedBy: "nothing" });
  expect(await findOvaDescriptor(writeTar([manifest, ovf]))).toMatchObject({ verifiedBy: "manifest" });
});

test("findOvaDescriptor throws where the manifest contradicts", async () => {
  const other = { ...ovf, content: "<envelope/>" };
  await expect(findOvaDescriptor(startOf(other, manifest))).rejects.toMatchObject({
    code: "INTEGRITY",
    problem: "archive",
    message: '"photon.ovf" in the archive does not match "photon.mf"',
  });
});

test.for([
  ["nothing", Buffer.alloc(0)],
  ["what is not an archive", Buffer.from("<Envelope/>")],
  ["an archive without a descriptor", startOf({ name: "readme.txt", content: "x" })],
  ["a descriptor that is cut off", startOf({ ...ovf, content: "x".repeat(5_000) }).subarray(0, 3_000)],
  ["a descriptor behind the disk", Buffer.concat([disk, writeTar([ovf])])],
  ["what macOS keeps beside one", startOf({ name: "._photon.ovf", content: "x" })],
  ["a directory", startOf({ name: "photon.ovf", content: "", type: "5" })],
  ["a link", startOf({ name: "photon.ovf", content: "", type: "2", linkName: "/etc/passwd" })],
  ["one that is longer than any", startOf({ ...ovf, content: "x".repeat(ovaStartBytes) })],
] as const)("findOvaDescriptor finds none in %s", async ([, start]) => {
  expect(await findOvaDescriptor(start)).toBeUndefined();
});

test("findOvaDescriptor takes whatever bytes there are", async () => {
  const good = startOf(ovf, manifest);
  await fc.assert(
    fc.asyncProperty(fc.nat(3_000), fc.uint8Array({ maxLength: 20 }), async (at, change) => {
      const changed = Buffer.concat([good.subarray(0, at), change, good.subarray(at + change.length)]);
      const found = await findOvaDescriptor(changed).catch((error: unknown) => error);
      if (found instanceof Error) expect(found).toMatchObject({ code: "INTEGRITY" });
    }),
  );
});
