import type { FileState } from "@carrel/core";
import { expect, test } from "vitest";
import { transferState } from "../src/output/transfer-state.ts";

const file: FileState = {
  name: "a.iso",
  phase: "transferring",
  preparedBytes: 0,
  receivedBytes: 10,
  totalBytes: 100,
  bytesPerSecond: 5,
  resumes: 0,
  firstByte: 0,
  startedAtMs: 1_000,
  lastByteAtMs: 2_000,
};
const { lastByteAtMs: _last, ...unbegun } = file;
const { totalBytes: _total, ...unknown } = file;

test.each<[string, FileState, number, string | undefined]>([
  ["is none while bytes arrive", file, 4_900, undefined],
  ["says for how long nothing has arrived", file, 9_000, "stalled 0:07"],
  ["does not call it stalled before the first byte", unbegun, 9_000, "waiting 0:08"],
  ["does not call it stalled where the end is not known", unknown, 9_000, "waiting 0:07"],
  ["is another after the last byte", { ...file, receivedBytes: 100 }, 9_000, "verifying 0:07"],
  [
    "says how much of what is kept has been compared",
    { ...file, rereading: { comparedBytes: 32_966_000, keptBytes: 55_800_000 } },
    4_900,
    "rereading 31 of 53 MiB",
  ],
  [
    "says that the server is silent also while kept bytes are compared",
    { ...file, rereading: { comparedBytes: 1, keptBytes: 2 } },
    9_000,
    "stalled 0:07",
  ],
  [
    "says how long it is attempted again",
    { ...file, reconnecting: { sinceMs: 8_000, failures: 3, leftMs: 60_000 } },
    9_000,
    "reconnecting, 0:59 left",
  ],
  [
    "counts attempts where their number is the limit",
    { ...file, reconnecting: { sinceMs: 8_000, failures: 3 } },
    9_000,
    "reconnecting, try 3",
  ],
])("the state of a transfer %s", (_what, state, nowMs, text) => {
  expect(transferState(state, nowMs)?.[0]).toBe(text);
});
