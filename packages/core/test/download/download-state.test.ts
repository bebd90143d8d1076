import { describe, expect, test } from "vitest";
import { foldDownloadEvent, initialDownloadState } from "../../src/index.ts";
import type { DownloadEvent, DownloadState, LeaseSession } from "../../src/index.ts";

/** The states after each of the events, which come a second apart. */
function states(...events: readonly DownloadEvent[]): readonly DownloadState[] {
  const result = [initialDownloadState];
  events.forEach((event, index) =>
    result.push(foldDownloadEvent(result[index] as DownloadState, event, index * 1_000)),
  );
  return result;
}

function last(...events: readonly DownloadEvent[]): DownloadState | undefined {
  return states(...events).at(-1);
}

const session: LeaseSession = {
  id: "session-1",
  itemId: "item-1",
  contentVersion: "1",
  progressPercent: 0,
  expiresAt: new Date("2026-01-01T00:05:00Z"),
};
const plan: DownloadEvent = {
  type: "plan",
  files: [
    { name: "a.ovf", sizeBytes: 100 },
    { name: "b.vmdk", sizeBytes: 900 },
  ],
  totalBytes: 1_000,
};
const waiting = {
  phase: "waiting",
  preparedBytes: 0,
  receivedBytes: 0,
  bytesPerSecond: 0,
  resumes: 0,
  firstByte: 0,
} as const;
const mebibyte = 1024 ** 2;

describe("foldDownloadEvent", () => {
  test("shows session and plan", () => {
    expect(last({ type: "session", session }, plan)).toEqual({
      phase: "running",
      session,
      files: [
        { ...waiting, name: "a.ovf", totalBytes: 100, percent: 0 },
        { ...waiting, name: "b.vmdk", totalBytes: 900, percent: 0 },
      ],
      receivedBytes: 0,
      bytesPerSecond: 0,
      totalBytes: 1_000,
      percent: 0,
    });
  });

  test("sums up what arrives, with the time left, for each file and for all", () => {
    const state = last(
      plan,
      { type: "skipped", file: "a.ovf", verifiedBy: "checksum", sizeBytes: 100 },
      { type: "preparing", file: "b.vmdk", preparedBytes: 450 },
      { type: "transferring", file: "b.vmdk", receivedBytes: 300, bytesPerSecond: 100 },
      { type: "resumed", file: "b.vmdk", fromByte: 250 },
      { type: "transferring", file: "b.vmdk", receivedBytes: 400, bytesPerSecond: 200 },
    );
    expect(state).toMatchObject({ receivedBytes: 500, bytesPerSecond: 200, percent: 50, etaMs: 2_500 });
    expect(state?.files).toEqual([
      {
        ...waiting,
        name: "a.ovf",
        phase: "skipped",
        receivedBytes: 100,
        totalBytes: 100,
        percent: 100,
        verifiedBy: "checksum",
      },
      {
        ...waiting,
        name: "b.vmdk",
        phase: "transferring",
        preparedBytes: 450,
        receivedBytes: 400,
        totalBytes: 900,
        percent: (400 / 900) * 100,
        bytesPerSecond: 200,
        etaMs: 2_500,
        resumes: 1,
        startedAtMs: 2_000,
        lastByteAtMs: 5_000,
      },
    ]);
  });

  test("says when the next attempt of an interrupted transfer takes place, and no rate, until bytes arrive", () => {
    const file = "b.vmdk";
    const cause = { name: "TransferError", code: "TRANSFER", message: "broken", retryable: true } as const;
    const before: readonly DownloadEvent[] = [
      plan,
      { type: "transferring", file, receivedBytes: 300, bytesPerSecond: 100 },
      { type: "resumed", file, fromByte: 280, cause, failures: 1, delayMs: 100, leftMs: 60_000 },
      { type: "resumed", file, fromByte: 280, cause, failures: 2, delayMs: 200, leftMs: 59_000 },
    ];
    const interrupted = last(...before);
    expect(interrupted?.bytesPerSecond).toBe(0);
    expect(interrupted?.files[1]).toMatchObject({
      receivedBytes: 280,
      reconnecting: { sinceMs: 3_000, failures: 2, leftMs: 59_000 },
    });
    expect(interrupted?.files[1]).not.toHaveProperty("lastByteAtMs");
    const now = last(...before, { type: "transferring", file, receivedBytes: 290, bytesPerSecond: 10 });
    expect(now?.files[1]).toMatchObject({ receivedBytes: 290, bytesPerSecond: 10, lastByteAtMs: 4_000 });
    expect(now?.files[1]).not.toHaveProperty("reconnecting");
  });

  test("says how far kept bytes that arrive again have been compared, until new ones arrive", () => {
    const file = "b.vmdk";
    const before: readonly DownloadEvent[] = [
      plan,
      { type: "resumed", file, fromByte: 280 },
      { type: "rereading", file, comparedBytes: 100, keptBytes: 280 },
    ];
    const comparing = last(...before);
    expect(comparing?.files[1]).toMatchObject({ receivedBytes: 280, bytesPerSecond: 0, lastByteAtMs: 2_000 });
    expect(comparing?.files[1]?.rereading).toEqual({ comparedBytes: 100, keptBytes: 280 });
    const now = last(...before, { type: "transferring", file, receivedBytes: 290, bytesPerSecond: 10 });
    expect(now?.files[1]).not.toHaveProperty("rereading");
  });

  test("counts how often a file arrived damaged, and begins it again at its first byte", () => {
    const file = "b.vmdk";
    const cause = { name: "IntegrityError", code: "INTEGRITY", message: "wrong", retryable: true } as const;
    const state = last(
      plan,
      { type: "transferring", file, receivedBytes: 900, bytesPerSecond: 100 },
      { type: "damaged", file, cause, attempt: 2, attempts: 3 },
      { type: "transferring", file, receivedBytes: 900, bytesPerSecond: 100 },
      { type: "damaged", file, cause, attempt: 3, attempts: 3 },
    );
    expect(state?.files[1]).toMatchObject({ phase: "transferring", receivedBytes: 0, bytesPerSecond: 0, damages: 2 });
  });

  test("says what is kept of a file that was not completed, also where it has failed", () => {
    const file = "b.vmdk";
    const error = { name: "TransferError", code: "TRANSFER", message: "broken", retryable: true } as const;
    const kept: DownloadEvent = { type: "interrupted", file, keptBytes: 250 };
    const transferring: DownloadEvent = { type: "transferring", file, receivedBytes: 300, bytesPerSecond: 100 };
    const interrupted = last(plan, transferring, kept);
    expect(interrupted).toMatchObject({ receivedBytes: 250, bytesPerSecond: 0 });
    expect(interrupted?.files[1]).toMatchObject({ keptBytes: 250 });
    const failed = last(plan, transferring, kept, { type: "failed", file, error });
    expect(failed?.files[1]).toMatchObject({ phase: "failed", keptBytes: 250 });
  });

  test("is done with all files finished, and says what each was verified by", () => {
    const state = last(
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

  test("measures the mean rate of a finished file over what this run fetched of it", () => {
    const file = "b.vmdk";
    const finished: DownloadEvent = { type: "finished", file, verifiedBy: "checksum", sizeBytes: 4 * mebibyte };
    const resumed: DownloadEvent = { type: "resumed", file, fromByte: 2 * mebibyte };
    const transferring: DownloadEvent = { type: "transferring", file, receivedBytes: 1, bytesPerSecond: 1 };
    expect(last({ type: "preparing", file, preparedBytes: 0 }, transferring, finished)?.files[0]).toMatchObject({
      firstByte: 0,
      meanBytesPerSecond: 2 * mebibyte,
    });
    expect(last(resumed, transferring, finished)?.files[0]).toMatchObject({
      firstByte: 2 * mebibyte,
      meanBytesPerSecond: mebibyte,
    });
    // A break in the middle does not change where this run began.
    expect(last(transferring, resumed, finished)?.files[0]).toMatchObject({ firstByte: 0, resumes: 1 });
  });

  test.each<[string, readonly DownloadEvent[]]>([
    ["was skipped", [{ type: "skipped", file: "a", verifiedBy: "length", sizeBytes: mebibyte }]],
    [
      "is small",
      [
        { type: "transferring", file: "a", receivedBytes: 1, bytesPerSecond: 1 },
        { type: "finished", file: "a", verifiedBy: "length", sizeBytes: 65_535 },
      ],
    ],
    [
      "an earlier run had fetched",
      [
        { type: "resumed", file: "a", fromByte: mebibyte },
        { type: "finished", file: "a", verifiedBy: "length", sizeBytes: mebibyte },
      ],
    ],
  ])("measures no mean rate of a file that %s", (_, events) => {
    expect(last(...events)?.files[0]).not.toHaveProperty("meanBytesPerSecond");
  });

  test("says which process has the lock of a file that waits, until the file moves", () => {
    const locked: DownloadEvent = { type: "waiting", file: "a.ovf", holder: "process 7", leftMs: 9_000 };
    expect(last(plan, locked)?.files[0]).toMatchObject({ phase: "waiting", lockedBy: "process 7" });
    expect(last(plan, locked, { type: "preparing", file: "a.ovf", preparedBytes: 0 })?.files[0]).not.toHaveProperty(
      "lockedBy",
    );
  });

  test("counts no rate of a file that has stopped, and keeps what it has received", () => {
    const error = { name: "TransferError", code: "TRANSFER", message: "It broke", retryable: true } as const;
    const transferring: DownloadEvent = { type: "transferring", file: "b.vmdk", receivedBytes: 300, bytesPerSecond: 9 };
    expect(last(plan, transferring, { type: "failed", file: "b.vmdk", error })).toMatchObject({
      bytesPerSecond: 0,
      receivedBytes: 300,
      files: [{}, { phase: "failed", error, bytesPerSecond: 0 }],
    });
    expect(last(plan, transferring, { type: "preparing", file: "b.vmdk", preparedBytes: 0 })).toMatchObject({
      bytesPerSecond: 0,
      receivedBytes: 300,
    });
  });

  test("knows no percentage without a total, and an empty item is complete", () => {
    const unknown = { type: "plan", files: [{ name: "a.ovf" }, { name: "b.vmdk", sizeBytes: 900 }] } as const;
    expect(last(unknown)).not.toHaveProperty("percent");
    expect(last({ type: "plan", files: [], totalBytes: 0 })).toMatchObject({ percent: 100 });
  });

  test("takes in a file that no plan named", () => {
    const state = last({ type: "transferring", file: "a.iso", receivedBytes: 1, totalBytes: 4, bytesPerSecond: 0 });
    expect(state).toMatchObject({ files: [{ name: "a.iso", percent: 25 }], percent: 25 });
  });

  test("freezes states, and a file that did not change stays the same object", () => {
    const [, before, after] = states(plan, { type: "preparing", file: "b.vmdk", preparedBytes: 1 });
    for (const state of [initialDownloadState, before, after]) {
      expect(Object.isFrozen(state)).toBe(true);
      expect(Object.isFrozen(state?.files)).toBe(true);
      expect(state?.files.every((file) => Object.isFrozen(file))).toBe(true);
    }
    expect(after?.files[0]).toBe(before?.files[0]);
    expect(after?.files[1]).not.toBe(before?.files[1]);
  });
});
