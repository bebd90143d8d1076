import { gzipSync } from "node:zlib";
import { hexDigest, sha256 } from "@carrel/test-kit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { seededContent } from "../src/content/seeded-content.ts";
import type { Content } from "../src/content/content.ts";
import { startSimulator } from "../src/index.ts";

async function read(content: Content, start: number, end: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of content.read(start, end)) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

test("seededContent gives the same bytes at an offset, however they are read", async () => {
  const size = 3_000_000;
  const whole = await read(seededContent("seed", size), 0, size);
  const position = fc.integer({ min: 0, max: size });
  await fc.assert(
    fc.asyncProperty(position, position, async (one, other) => {
      const [start, end] = [Math.min(one, other), Math.max(one, other)];
      const part = await read(seededContent("seed", size), start, end);
      expect(part.equals(whole.subarray(start, end))).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test("seededContent serves two readers at once", async () => {
  const content = seededContent(1, 2_000_000);
  const whole = await read(content, 0, 2_000_000);
  const [one, other] = await Promise.all([read(content, 0, 2_000_000), read(content, 1, 2_000_000)]);
  expect(one.equals(whole)).toBe(true);
  expect(other.equals(whole.subarray(1))).toBe(true);
});

test("seededContent differs for another seed, another offset, and a shift", async () => {
  const size = 1 << 20;
  const digests = new Set<string>();
  for (const seed of ["a", "b", 1, 2]) {
    const bytes = await read(seededContent(seed, size), 0, size);
    for (let at = 0; at < size; at += 65_536) digests.add(sha256(bytes.subarray(at, at + 65_536)));
  }
  expect(digests.size).toBe(4 * 16);
});

test("seededContent reads a file of terabytes at any offset", async () => {
  const size = 5_000_000_000_000;
  const content = seededContent("huge", size);
  const end = await read(content, size - 100_000, size);
  expect(end.equals((await read(content, size - 200_000, size)).subarray(100_000))).toBe(true);
  const same = await read(content, size - 100_000 - 2 ** 32 * 16, size - 2 ** 32 * 16);
  expect(end.equals(same)).toBe(false);
});

test("seededContent does not compress", async () => {
  const bytes = await read(seededContent("seed", 1 << 20), 0, 1 << 20);
  expect(gzipSync(bytes).length).toBeGreaterThan(bytes.length);
});

test("InventoryFile computes the digests of its bytes", async () => {
  await using simulator = await startSimulator({
    libraries: [{ name: "l", items: [{ name: "i", files: [{ name: "f", sizeBytes: 40_000_000, seed: 3 }] }] }],
  });
  const file = simulator.inventory.item("l/i").file("f");
  const bytes = await file.bytes();
  expect(await file.sha256()).toBe(sha256(bytes));
  expect(await file.digest("MD5")).toBe(hexDigest("md5", bytes));
});
