import { expect, test } from "vitest";
import { atOnce } from "../src/run/at-once.ts";

test("there are never more workers than values", async () => {
  const seen: number[] = [];
  await atOnce([1, 2, 3], Number.MAX_SAFE_INTEGER, async (value) => void seen.push(value));
  expect(seen).toEqual([1, 2, 3]);
});
