import { expect, test } from "vitest";
import { partLength, planParts } from "../src/upload/part-plan.ts";

const mebibyte = 1_048_576;
const tebibyte = mebibyte * mebibyte;

/** How many parts a file has. */
function countParts(sizeBytes: number, stated: number | undefined): number {
  const plan = planParts(stated);
  let count = 0;
  for (let left = sizeBytes; left > 0; left -= partLength(plan, count)) count += 1;
  return count;
}

test.each([
  [0, 8],
  [100 * mebibyte, 8],
  [9_000 * 8 * mebibyte, 8],
  [9_000 * 8 * mebibyte + 1, 9],
  [5 * tebibyte, 583],
])("planParts of %d bytes plans parts of %d MiB", (sizeBytes, expected) => {
  expect(partLength(planParts(sizeBytes), 1)).toBe(expected * mebibyte);
});

test("no file of up to 5 TiB has more than 10,000 parts, whether its length is known or not, or was stated wrongly", () => {
  expect(countParts(5 * tebibyte, 5 * tebibyte)).toBeLessThanOrEqual(9_000);
  expect(countParts(5 * tebibyte, undefined)).toBeLessThanOrEqual(10_000);
  expect(countParts(2 * 70_000 * mebibyte, 70_000 * mebibyte)).toBeLessThanOrEqual(10_000);
});

test("parts of a file of unknown length stay short where it is short", () => {
  const plan = planParts(undefined);
  expect([1, 1_000, 1_001, 2_001].map((number) => partLength(plan, number) / mebibyte)).toEqual([8, 8, 16, 32]);
});
