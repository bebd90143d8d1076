import { createHash, randomBytes } from "node:crypto";
import { open, truncate, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { DigestThread } from "../../src/files/digest-thread.ts";
import { tempFolder } from "./temp-folder.ts";

const bytes = randomBytes(20 * 1024 * 1024 + 13);
const expected = (algorithm: string, length: number): string =>
  createHash(algorithm).update(bytes.subarray(0, length)).digest("hex");

test.each(["sha1", "md5", "sha256", "sha512"] as const)("%s follows a file that grows", async (algorithm) => {
  await using folder = await tempFolder();
  await using thread = new DigestThread();
  await using file = await open(folder.join("f"), "w+");
  const digest = thread.digest(file.fd, algorithm);
  expect(await digest.at(0)).toBe(expected(algorithm, 0));
  for (const end of [1, 300_000, 300_000, 1_048_577, bytes.length]) {
    await file.write(bytes, 0, end, 0);
    digest.advanceTo(end);
    expect(await digest.at(end)).toBe(expected(algorithm, end));
    expect(digest.latest).toEqual({ bytes: end, hex: expected(algorithm, end) });
  }
  await expect(digest.at(10)).rejects.toThrow(RangeError);
  await digest.close();
});

test("several files at once", async () => {
  await using folder = await tempFolder();
  await writeFile(folder.join("f"), bytes);
  await using thread = new DigestThread();
  await using file = await open(folder.join("f"), "r");
  const lengths = [5, 9_000_000, bytes.length];
  const digests = lengths.map(() => thread.digest(file.fd, "sha256"));
  const all = await Promise.all(digests.map((digest, index) => digest.at(lengths[index] ?? 0)));
  expect(all).toEqual(lengths.map((length) => expected("sha256", length)));
  await Promise.all(digests.map((digest) => digest.close()));
});

test.each([2_000, 5_000_000])(
  "fails where the file is shorter than the %i bytes that were said, and others go on",
  async (length) => {
    await using folder = await tempFolder();
    await writeFile(folder.join("f"), bytes);
    await using thread = new DigestThread();
    await using file = await open(folder.join("f"), "r+");
    const [short, whole] = [thread.digest(file.fd, "sha256"), thread.digest(file.fd, "sha256")];
    await truncate(folder.join("f"), 1_000);
    await expect(short.at(length)).rejects.toThrow(/ends at byte 1000/);
    expect(await whole.at(1_000)).toBe(expected("sha256", 1_000));
    await short.close();
    await whole.close();
  },
);

test("closing does not wait for the whole file, and disposal fails what still waits", async () => {
  await using folder = await tempFolder();
  await writeFile(folder.join("f"), bytes);
  await using file = await open(folder.join("f"), "r");
  const thread = new DigestThread();
  const digest = thread.digest(file.fd, "sha256");
  digest.advanceTo(bytes.length);
  await digest.close();
  expect(digest.latest?.bytes).toBeLessThan(bytes.length);
  const waiting = thread.digest(file.fd, "sha256").at(bytes.length);
  await Promise.all([expect(waiting).rejects.toThrow(/was ended/), thread[Symbol.asyncDispose]()]);
});
