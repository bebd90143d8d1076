import type { DownloadEvent } from "@carrel/core";
import { from, lastValueFrom, toArray } from "rxjs";
import { expect, test } from "vitest";
import { toDownloadState } from "../src/index.ts";
import type { DownloadState } from "../src/index.ts";
import { active } from "./support/snapshots.ts";

const states = (...events: readonly DownloadEvent[]): Promise<DownloadState[]> =>
  lastValueFrom(from(events).pipe(toDownloadState(), toArray()));
const last = async (...events: readonly DownloadEvent[]): Promise<DownloadState | undefined> =>
  (await states(...events)).at(-1);

const { session } = active();
const plan: DownloadEvent = {
  type: "plan",
  files: [
    { name: "a.ovf", sizeBytes: 100 },
    { name: "b.vmdk", sizeBytes: 900 },
  ],
  totalBytes: 1_000,
};
const waiting = { phase: "waiting", preparedBytes: 0, receivedBytes: 0, bytesPerSecond: 0, resumes: 0 } as const;

test("begins with the empty state, before any event", async () => {
  expect(await states()).toEqual([{ phase: "starting", files: [], receivedBytes: 0, bytesPerSecond: 0 }]);
});

test("shows session and plan", async () => {
  expect(await last({ type: "session", session }, plan)).toEqual({
    phase: "running",
    session,
    files: [
      { ...waiting, name: "a.ovf", totalBytes: 100 },
      { ...waiting, name: "b.vmdk", totalBytes: 900 },
    ],
    receivedBytes: 0,
    bytesPerSecond: 0,
    totalBytes: 1_000,
    percent: 0,
  });
});

test("sums up what arrives, with the time left", async () => {
  const state = await last(
    plan,
    { type: "skipped", file: "a.ovf", verifiedBy: "checksum", sizeBytes: 100 },
    { type: "preparing", file: "b.vmdk", preparedBytes: 450 },
    { type: "transferring", file: "b.vmdk", receivedBytes: 300, bytesPerSecond: 100 },
    { type: "resumed", file: "b.vmdk", fromByte: 250 },
    { type: "transferring", file: "b.vmdk", receivedBytes: 400, bytesPerSecond: 200 },
  );
  expect(state).toMatchObject({ receivedBytes: 500, bytesPerSecond: 200, percent: 50, etaMs: 2_500 });
  expect(state?.files).toEqual([
    { ...waiting, name: "a.ovf", phase: "skipped", receivedBytes: 100, totalBytes: 100, verifiedBy: "checksum" },
    {
      ...waiting,
      name: "b.vmdk",
      phase: "transferring",
      preparedBytes: 450,
      receivedBytes: 400,
      totalBytes: 900,
      bytesPerSecond: 200,
      resumes: 1,
    },
  ]);
});

test("is done with all files finished, and says what each was verified by", async () => {
  const state = await last(
    plan,
    { type: "finished", file: "a.ovf", verifiedBy: "nothing", sizeBytes: 100 },
    { type: "transferring", file: "b.vmdk", receivedBytes: 899, bytesPerSecond: 100 },
    { type: "finished", file: "b.vmdk", verifiedBy: "manifest", sizeBytes: 900 },
    { type: "done", files: 2, receivedBytes: 1_000, durationMs: 10 },
  );
  expect(state).toMatchObject({ phase: "done", receivedBytes: 1_000, bytesPerSecond: 0, percent: 100 });
  expect(state).not.toHaveProperty("etaMs");
  expect(state?.files.map((file) => [file.phase, file.verifiedBy])).toEqual([
    ["finished", "nothing"],
    ["finished", "manifest"],
  ]);
});

test("knows no percentage without a total, and an empty item is all there", async () => {
  const unknown = { type: "plan", files: [{ name: "a.ovf" }, { name: "b.vmdk", sizeBytes: 900 }] } as const;
  expect(await last(unknown)).not.toHaveProperty("percent");
  expect(await last({ type: "plan", files: [], totalBytes: 0 })).toMatchObject({ percent: 100 });
});

test("takes in a file that no plan named", async () => {
  const state = await last({ type: "transferring", file: "a.iso", receivedBytes: 1, totalBytes: 4, bytesPerSecond: 0 });
  expect(state).toMatchObject({ files: [{ name: "a.iso" }], percent: 25 });
});

test("states are frozen, and a file that did not change stays the same", async () => {
  const [, before, after] = await states(plan, { type: "preparing", file: "b.vmdk", preparedBytes: 1 });
  for (const state of [before, after]) {
    expect(Object.isFrozen(state)).toBe(true);
    expect(Object.isFrozen(state?.files)).toBe(true);
    expect(state?.files.every((file) => Object.isFrozen(file))).toBe(true);
  }
  expect(after?.files[0]).toBe(before?.files[0]);
  expect(after?.files[1]).not.toBe(before?.files[1]);
});
