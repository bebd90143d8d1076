import { execFileSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import fc from "fast-check";
import { expect, test } from "vitest";
import { listTar } from "../../src/ovf/tar.ts";
import type { TarListing } from "../../src/ovf/tar.ts";
import { tempFolder } from "../files/temp-folder.ts";
import { writeTar } from "./tar-writer.ts";

async function list(archive: Buffer): Promise<TarListing | undefined> {
  return listTar((position, length) => Promise.resolve(archive.subarray(position, position + length)), archive.length);
}

test("lists members with names of any length", async () => {
  const long = `${"folder/".repeat(20)}disk.vmdk`;
  const archive = writeTar([
    { name: "a.ovf", content: "<Envelope/>" },
    { name: long, content: "x".repeat(1_000), nameIn: "pax" },
    { name: `gnu-${long}`, content: "", nameIn: "gnu" },
  ]);
  const listing = await list(archive);
  expect(listing?.isCutOff).toBe(false);
  expect(listing?.members.map(({ name, sizeBytes }) => [name, sizeBytes])).toEqual([
    ["a.ovf", 11],
    [long, 1_000],
    [`gnu-${long}`, 0],
  ]);
  const start = listing?.members[0]?.start ?? 0;
  expect(archive.subarray(start, start + 11).toString()).toBe("<Envelope/>");
});

test.each(["ustar", "gnu", "pax"])("lists what tar itself writes (%s)", async (format) => {
  await using folder = await tempFolder();
  const names = ["a.ovf", `${"n".repeat(99)}.vmdk`];
  for (const name of names) await writeFile(folder.join(name), name);
  const given = format === "ustar" ? ["a.ovf"] : names;
  execFileSync("tar", ["-C", folder.path, `--format=${format}`, "-cf", folder.join("x.ova"), ...given]);
  const listing = await list(await readFile(folder.join("x.ova")));
  expect(listing?.members.map(({ name, sizeBytes }) => [name, sizeBytes])).toEqual(
    given.map((name) => [name, name.length]),
  );
});

test("a size that does not fit in octal digits", async () => {
  const archive = writeTar([{ name: "disk.vmdk", content: "" }]);
  const header = archive.subarray(0, 512);
  header.fill(0, 124, 136);
  header.writeUInt8(0x80, 124);
  header.writeBigUInt64BE(10_000_000_000n, 128);
  header.write(" ".repeat(8), 148);
  header.write(
    `${header
      .reduce((total, byte) => total + byte, 0)
      .toString(8)
      .padStart(6, "0")}\0 `,
    148,
  );
  const read = (position: number, length: number): Promise<Uint8Array> =>
    Promise.resolve(archive.subarray(position, position + length));
  expect(await listTar(read, 20_000_000_000)).toEqual({
    members: [{ name: "disk.vmdk", start: 512, sizeBytes: 10_000_000_000 }],
    isCutOff: true,
  });
});

test("notices an archive that is cut off anywhere", async () => {
  const archive = writeTar([
    { name: "a.ovf", content: "x".repeat(700) },
    { name: "b.vmdk", content: "y".repeat(2_000) },
  ]);
  const whole = archive.length - 1_024;
  for (let length = 512; length <= whole; length += 100) {
    expect(await list(archive.subarray(0, length))).toMatchObject({ isCutOff: true });
  }
});

test("anything else is no archive", async () => {
  expect(await list(Buffer.from("<html>"))).toBeUndefined();
  expect(await list(Buffer.alloc(0))).toBeUndefined();
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 513, maxLength: 3_000 }), async (bytes) => {
      expect((await list(Buffer.from(bytes)))?.members ?? []).toEqual([]);
    }),
  );
});
