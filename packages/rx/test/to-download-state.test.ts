import { foldDownloadEvent, initialDownloadState } from "@carrel/core";
import type { DownloadEvent } from "@carrel/core";
import { from, lastValueFrom, toArray } from "rxjs";
import { expect, test } from "vitest";
import { toDownloadState } from "../src/index.ts";

const events: readonly DownloadEvent[] = [
  { type: "plan", files: [{ name: "a.iso", sizeBytes: 1024 ** 2 }] },
  { type: "transferring", file: "a.iso", receivedBytes: 1, bytesPerSecond: 1 },
  { type: "finished", file: "a.iso", verifiedBy: "checksum", sizeBytes: 1024 ** 2 },
];

test("toDownloadState emits the state before the first event, then the fold of each, by the given clock", async () => {
  let nowMs = 0;
  const clock = { now: () => (nowMs += 1_000), wall: () => 0, schedule: () => () => {} };
  const emitted = await lastValueFrom(from(events).pipe(toDownloadState(clock), toArray()));
  const expected = [initialDownloadState];
  events.forEach((event, index) => expected.push(foldDownloadEvent(expected[index]!, event, (index + 1) * 1_000)));
  expect(emitted).toEqual(expected);
  expect(emitted.at(-1)?.files[0]?.meanBytesPerSecond).toBe(1024 ** 2);
});
