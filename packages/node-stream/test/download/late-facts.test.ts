import { readFile } from "node:fs/promises";
import { IntegrityError } from "@carrel/core";
import type { Clock } from "@carrel/core";
import { until } from "@carrel/test-kit";
import { expect, test, vi } from "vitest";
import type { FileFacts } from "@carrel/core/transfer";
import { ServerHabits, settledFacts } from "@carrel/core/transfer";
import { downloadItem } from "../../src/index.ts";
import { openDesk } from "./desk.ts";

vi.setConfig({ testTimeout: 30_000, maxConcurrency: 8 });

const { signal } = new AbortController();
const checksum = { algorithm: "sha1", hex: "da39a3ee5e6b4b0d3255bfef95601890afd80709" } as const;
const bytes = 1_000;

interface Script {
  /** From when on the right length is stated; `undefined`: never. */
  readonly sizeAtMs?: number;
  /** The length that is stated before. */
  readonly sizeBefore?: number;
  readonly checksumAtMs?: number;
  readonly isFinal?: boolean;
  /** Whether the transfer stated the right length. */
  readonly lengthStated?: boolean;
}

interface Outcome {
  readonly facts: FileFacts;
  readonly waitedMs: number;
  readonly asked: number;
}

/** Asks a server that follows a script, by a clock that takes no time. */
async function settle(script: Script, habits = new ServerHabits(), timeoutMs = 5_000): Promise<Outcome> {
  let nowMs = 0;
  let asked = 0;
  const clock: Clock = {
    now: () => nowMs,
    wall: () => nowMs,
    schedule(ms, callback) {
      nowMs += ms;
      queueMicrotask(callback);
      return () => {};
    },
  };
  const facts = await settledFacts(
    async () => {
      asked += 1;
      return {
        sizeBytes: nowMs >= (script.sizeAtMs ?? Infinity) ? bytes : script.sizeBefore,
        checksum: nowMs >= (script.checksumAtMs ?? Infinity) ? checksum : undefined,
        isFinal: script.isFinal ?? false,
      };
    },
    { bytes, lengthStated: script.lengthStated ?? false, habits, timeoutMs, signal, clock },
  );
  return { facts, waitedMs: nowMs, asked };
}

test.each<[string, Script, number]>([
  ["is there at once", { sizeAtMs: 0, checksumAtMs: 0 }, 0],
  ["is there at once, without a length", { checksumAtMs: 0 }, 0],
  ["follows a little later", { sizeAtMs: 0, checksumAtMs: 10 }, 50],
  ["follows after 300 ms", { sizeAtMs: 0, checksumAtMs: 300 }, 1_000],
  ["follows after 700 ms", { sizeAtMs: 0, checksumAtMs: 700 }, 1_000],
  ["follows after 700 ms with the length", { sizeAtMs: 700, checksumAtMs: 700 }, 1_000],
  ["follows the length", { sizeAtMs: 1_500, checksumAtMs: 3_000 }, 3_500],
  ["comes before the length", { sizeAtMs: 2_000, checksumAtMs: 700 }, 1_000],
  ["comes after a length that was another one", { sizeBefore: 400, sizeAtMs: 300, checksumAtMs: 1_200 }, 2_500],
])("settledFacts waits for a checksum that %s", async (_what, script, withinMs) => {
  const { facts, waitedMs } = await settle(script);
  expect(facts.checksum).toEqual(checksum);
  expect(waitedMs).toBeLessThanOrEqual(withinMs);
});

test("settledFacts waits up to the limit for a missing length, and for one that is less than arrived", async () => {
  expect(await settle({})).toMatchObject({ facts: { sizeBytes: undefined }, waitedMs: 5_000 });
  expect(await settle({ sizeBefore: 999 })).toMatchObject({ facts: { sizeBytes: 999 }, waitedMs: 5_000 });
  expect(await settle({}, new ServerHabits(), 400)).toMatchObject({ waitedMs: 400 });
  expect(await settle({}, new ServerHabits(), 0)).toMatchObject({ waitedMs: 0, asked: 1 });
});

test("settledFacts waits two seconds for a first length where the transfer stated one, and less for each file without", async () => {
  const habits = new ServerHabits();
  const silent = { lengthStated: true };
  const waited = [];
  for (let file = 0; file < 4; file++) waited.push((await settle(silent, habits)).waitedMs);
  expect(waited).toEqual([2_000, 500, 250, 250]);
  // One that states lengths after all is waited for up to the limit again.
  await settle({ ...silent, sizeAtMs: 100, checksumAtMs: 100 }, habits);
  expect(await settle(silent, habits)).toMatchObject({ waitedMs: 5_000 });
});

test("settledFacts waits up to the limit for a length that contradicts what the transfer stated", async () => {
  const late = await settle({ lengthStated: true, sizeBefore: 999, sizeAtMs: 3_000, checksumAtMs: 3_000 });
  expect(late).toMatchObject({ facts: { sizeBytes: bytes, checksum }, waitedMs: 5_000 });
});

test("settledFacts finds a checksum that is stated within two seconds by a server without lengths", async () => {
  const late = await settle({ lengthStated: true, checksumAtMs: 1_800 });
  expect(late).toMatchObject({ facts: { sizeBytes: undefined, checksum }, waitedMs: 2_000 });
});

test("settledFacts waits for a larger length even if the checksum was known before", async () => {
  for (const sizeBefore of [0, 999]) {
    const late = await settle({ sizeBefore, sizeAtMs: 400, checksumAtMs: 0 });
    expect(late).toMatchObject({ facts: { sizeBytes: bytes, checksum }, waitedMs: 1_000 });
  }
  const habits = new ServerHabits();
  const never = await settle({ sizeBefore: 999, checksumAtMs: 0 }, habits);
  expect(never).toMatchObject({ facts: { sizeBytes: 999, checksum }, waitedMs: 5_000 });
  // It is known to state checksums after all.
  expect(await settle({ sizeAtMs: 0 }, habits)).toMatchObject({ waitedMs: 5_000 });
});

test("settledFacts does not wait after a length that is more than arrived, or after final facts", async () => {
  expect(await settle({ sizeBefore: 1_001 })).toMatchObject({ waitedMs: 0, asked: 1 });
  expect(await settle({ isFinal: true })).toMatchObject({ waitedMs: 0, asked: 1 });
});

test("settledFacts waits a second at first for a server without checksums, and then a quarter of one with two more requests", async () => {
  const habits = new ServerHabits();
  for (let file = 0; file < 3; file++) expect(await settle({ sizeAtMs: 0 }, habits)).toMatchObject({ waitedMs: 1_000 });
  for (let file = 0; file < 3; file++) {
    expect(await settle({ sizeAtMs: 0 }, habits)).toMatchObject({ waitedMs: 250, asked: 3 });
  }
});

test("settledFacts waits up to the limit for a server that stated a checksum, until three files had none", async () => {
  const habits = new ServerHabits();
  await settle({ sizeAtMs: 0, checksumAtMs: 0 }, habits);
  expect(await settle({ sizeAtMs: 0, checksumAtMs: 4_000 }, habits)).toMatchObject({ facts: { checksum } });
  for (let file = 0; file < 3; file++) expect(await settle({ sizeAtMs: 0 }, habits)).toMatchObject({ waitedMs: 5_000 });
  expect(await settle({ sizeAtMs: 0 }, habits)).toMatchObject({ waitedMs: 250 });
});

const files = [{ name: "disk.iso", sizeBytes: 400_000 }];

test.concurrent.each([
  { checksumDelayMs: 300 },
  { checksumDelayMs: 700 },
  { size: "downloaded", sizeDelayMs: 700, checksumDelayMs: 700 },
  { size: "downloaded", sizeDelayMs: 300, checksumDelayMs: 700 },
  { size: "downloaded", sizeDelayMs: 700, checksumDelayMs: 300 },
  { size: "never", checksumDelayMs: 1_500 },
  { size: "never", checksumDelayMs: 300, unset: "null" },
  { size: "downloaded", sizeDelayMs: 300, checksumDelayMs: 300, unset: "null" },
] as const)("downloadItem finds a corrupt byte by a checksum that is stated late: %j", async (report) => {
  await using desk = await openDesk({
    files,
    report,
    faults: [{ on: "transfer", kind: "corrupt", atByte: 1_000 }],
  });
  const once = { damagedRetries: 0 };
  const { report: failed } = downloadItem(desk.client, desk.item.id, desk.folder.path, once);
  await expect(failed).rejects.toMatchObject({ code: "INTEGRITY", problem: "digest" });
  await expect(failed).rejects.toThrow(IntegrityError);
  expect(await desk.names()).toEqual([]);
  const { files: reports } = await downloadItem(desk.client, desk.item.id, desk.folder.path).report;
  expect(reports).toMatchObject([{ verifiedBy: "checksum" }]);
});

test.concurrent("downloadItem waits for a checksum that is late because the simulator computes it at its own rate", async () => {
  const faults = [{ on: "transfer", kind: "corrupt", atByte: 1_000 }] as const;
  await using desk = await openDesk({ files, faults, transfer: { bytesPerSecond: 4_000_000 } });
  const { report } = downloadItem(desk.client, desk.item.id, desk.folder.path, { damagedRetries: 0 });
  await expect(report).rejects.toMatchObject({ problem: "digest" });
});

test.concurrent("downloadItem does not wait forever for facts that are never stated, and claims nothing", async () => {
  await using desk = await openDesk({ files, report: { size: "always", checksum: "never" } });
  const { files: reports } = await downloadItem(desk.client, desk.item.id, desk.folder.path).report;
  expect(reports).toMatchObject([{ verifiedBy: "length" }]);
});

test.concurrent("downloadItem treats members that are null as missing", async () => {
  const report = { size: "never", checksum: "never", unset: "null" } as const;
  await using desk = await openDesk({ files, report, transfer: { contentLength: false } });
  const options = { factsTimeoutMs: 100 };
  const { files: reports } = await downloadItem(desk.client, desk.item.id, desk.folder.path, options).report;
  expect(reports).toMatchObject([{ verifiedBy: "nothing", sizeBytes: 400_000 }]);
});

test.concurrent.each(["", "   ", "N/A", "0", "0x"])(
  "downloadItem ignores a checksum of %j, and verifies by the length",
  async (text) => {
    const states = { checksum: { algorithm: "SHA1", checksum: text } } as const;
    await using desk = await openDesk({ files: [{ name: "disk.iso", sizeBytes: 400_000, states }] });
    // Into an empty folder, and over the file that is there.
    for (let run = 0; run < 2; run++) {
      const { files: reports } = await downloadItem(desk.client, desk.item.id, desk.folder.path).report;
      expect(reports).toMatchObject([{ verifiedBy: "length", skipped: false, receivedBytes: 400_000 }]);
    }
  },
);

test.concurrent.each([
  { size: "downloaded" },
  { size: "downloaded", sizeDelayMs: 300 },
  { size: "downloaded", checksum: "never", sizeDelayMs: 300 },
  // Nobody ever says how long it is: only the checksum shows that something is missing.
  { size: "never" },
] as const)("downloadItem continues a body without a length where it ended early: %j", async (report) => {
  await using desk = await openDesk({
    files,
    report,
    transfer: { contentLength: false },
    faults: [{ on: "transfer", kind: "truncate", atByte: 150_000 }],
  });
  const { files: reports } = await downloadItem(desk.client, desk.item.id, desk.folder.path).report;
  expect(reports).toMatchObject([{ verifiedBy: "checksum" in report ? "length" : "checksum", receivedBytes: 400_000 }]);
  expect(await readFile(desk.folder.join("disk.iso"))).toEqual(Buffer.from(await desk.item.file("disk.iso").bytes()));
});

test.concurrent.each([{ ranges: true }, { ranges: false }, { contentLength: false }])(
  "downloadItem compares again what a run left that ended while it waited for the checksum: %j",
  async (transfer) => {
    for (const size of ["always", "downloaded"] as const) {
      const report = { size, checksumDelayMs: 300 } as const;
      const fault = { on: "transfer", kind: "corrupt", atByte: 1_000 } as const;
      await using desk = await openDesk({ files, report, transfer, faults: [fault] });
      const stop = new AbortController();
      const waiting = downloadItem(desk.client, desk.item.id, desk.folder.path, { signal: stop.signal });
      // Its last byte was sent, and the checksum is not stated yet.
      await until(() => desk.simulator.journal.some(({ sentBytes }) => sentBytes >= 400_000));
      stop.abort();
      await expect(waiting.report).rejects.toMatchObject({ name: "AbortError" });
      const again = downloadItem(desk.client, desk.item.id, desk.folder.path, { requireVerified: true });
      await again.report.catch((error: unknown) => expect(error).toMatchObject({ code: "INTEGRITY" }));
      const { files: reports } = await downloadItem(desk.client, desk.item.id, desk.folder.path).report;
      expect(reports).toMatchObject([{ sizeBytes: 400_000 }]);
      expect(await readFile(desk.folder.join("disk.iso"))).toEqual(
        Buffer.from(await desk.item.file("disk.iso").bytes()),
      );
    }
  },
);
