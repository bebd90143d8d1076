import { foldDownloadEvent, initialDownloadState } from "@carrel/core";
import type { DownloadEvent, DownloadState } from "@carrel/core";
import { expect, test } from "vitest";
import { EndedRun } from "../src/output/run-summary.ts";

const mib = 1024 * 1024;

function after(...events: readonly DownloadEvent[]): DownloadState {
  return events.reduce((state, event, index) => foldDownloadEvent(state, event, index), initialDownloadState);
}

function plan(files: number): DownloadEvent {
  return {
    type: "plan",
    files: Array.from({ length: files }, (_, index) => ({ name: `${index}.vmdk`, sizeBytes: 10 * mib })),
  };
}

const whole = (file: string): DownloadEvent => {
  return { type: "finished", file, verifiedBy: "checksum", sizeBytes: 10 * mib };
};
const damage = { name: "IntegrityError", code: "INTEGRITY", message: "x", retryable: true, problem: "digest" } as const;
const refusal = {
  name: "TransferError",
  code: "TRANSFER",
  message: "x",
  retryable: false,
  problem: "refused",
} as const;
const damaged = (file: string): readonly DownloadEvent[] => [
  { type: "damaged", file, cause: damage, attempt: 2, attempts: 3 },
  { type: "damaged", file, cause: damage, attempt: 3, attempts: 3 },
  { type: "failed", file, error: damage },
];
const kept = (file: string, mebibytes: number): DownloadEvent => {
  return { type: "interrupted", file, keptBytes: mebibytes * mib };
};

test("EndedRun says what is whole, damaged and not begun, and what the same command does", () => {
  const state = after(plan(12), ...[1, 2, 3, 4].map((each) => whole(`${each}.vmdk`)), ...damaged("5.vmdk"));
  const run = new EndedRun([{ name: "item", state }]);
  expect(run.summary).toEqual({
    files: 12,
    whole: 4,
    unverified: 0,
    damaged: 1,
    failed: 0,
    interrupted: 0,
    keptBytes: 0,
    notBegun: 7,
    itemsNotBegun: 0,
  });
  expect(run.describe()).toBe(
    "4 of 12 files are whole, 1 arrived damaged 3 times, 7 were not begun. The same command fetches those 8.",
  );
});

test("EndedRun says of one file how much is kept, and where", () => {
  const run = new EndedRun([{ name: "item", directory: "/srv/images", state: after(plan(1), kept("0.vmdk", 5)) }]);
  expect(run.describe()).toBe("5.0 of 10.0 MiB are kept in /srv/images/0.vmdk.part. The same command resumes there.");
  expect(run.describe("overwrite")).toContain("The same command downloads everything again.");
});

test("EndedRun says how much of several files is kept, also of those that failed", () => {
  const failed: DownloadEvent = { type: "failed", file: "1.vmdk", error: refusal };
  const run = new EndedRun([
    { name: "one", state: after(plan(4), whole("3.vmdk"), kept("0.vmdk", 5), kept("1.vmdk", 2), failed) },
    { name: "two", state: undefined },
  ]);
  expect(run.summary).toMatchObject({ whole: 1, interrupted: 2, failed: 0, keptBytes: 7 * mib, itemsNotBegun: 1 });
  expect(run.describe()).toBe(
    "1 of 4 files is whole, 1 was not begun, nor was 1 item. 7.0 MiB of 2 files are kept. " +
      "The same command resumes there, and fetches the other one.",
  );
});

test("EndedRun does not count as whole what could not be verified or was left alone", () => {
  const run = new EndedRun([
    {
      name: "item",
      state: after(
        plan(3),
        whole("0.vmdk"),
        { type: "skipped", file: "1.vmdk", verifiedBy: "nothing", sizeBytes: 1 },
        {
          type: "failed",
          file: "2.vmdk",
          error: refusal,
        },
      ),
    },
  ]);
  expect(run.describe()).toBe("1 of 3 files is whole, 1 UNVERIFIED, 1 failed.");
  expect(run.describe("error")).toBe(
    "1 of 3 files is whole, 1 UNVERIFIED, 1 failed. The same command fails while these exist.",
  );
});

test("EndedRun promises nothing of files that fail again until something is changed", () => {
  const failed: DownloadEvent = { type: "failed", file: "1.vmdk", error: refusal };
  const run = new EndedRun([{ name: "item", state: after(plan(4), whole("0.vmdk"), failed, ...damaged("2.vmdk")) }]);
  expect(run.describe()).toBe(
    "1 of 4 files is whole, 1 arrived damaged 3 times, 1 failed, 1 was not begun. The same command fetches 2 of them.",
  );
});

test("EndedRun says nothing where nothing was begun", () => {
  expect(new EndedRun([{ name: "item", state: undefined }]).describe()).toBeUndefined();
  expect(new EndedRun([{ name: "item", state: after(plan(3)) }]).describe()).toBeUndefined();
});
