import { readFile } from "node:fs/promises";
import { IntegrityError } from "@carrel/core";
import { expect, test, vi } from "vitest";
import type { FileFacts } from "../../src/download/item-source.ts";
import { ServerHabits, settledFacts } from "../../src/download/late-facts.ts";
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
  const facts = await settledFacts(
    async () => {
      asked += 1;
      return {
        sizeBytes: nowMs >= (script.sizeAtMs ?? Infinity) ? bytes : script.sizeBefore,
        checksum: nowMs >= (script.checksumAtMs ?? Infinity) ? checksum : undefined,
        isFinal: script.isFinal ?? false,
      };
    },
    { bytes, habits, timeoutMs, signal, clock: { now: () => nowMs, sleep: async (ms) => void (nowMs += ms) } },
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
])("a checksum that %s is waited for", async (_what, script, withinMs) => {
  const { facts, waitedMs } = await settle(script);
  expect(facts.checksum).toEqual(checksum);
  expect(waitedMs).toBeLessThanOrEqual(withinMs);
});

test("a missing length is waited for to the limit, and so is one that is less than arrived", async () => {
  expect(await settle({})).toMatchObject({ facts: { sizeBytes: undefined }, waitedMs: 5_000 });
  expect(await settle({ sizeBefore: 999 })).toMatchObject({ facts: { sizeBytes: 999 }, waitedMs: 5_000 });
  expect(await settle({}, new ServerHabits(), 400)).toMatchObject({ waitedMs: 400 });
  expect(await settle({}, new ServerHabits(), 0)).toMatchObject({ waitedMs: 0, asked: 1 });
});

test("a length that is less than arrived is waited over, also where the checksum was known before", async () => {
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

test("more than arrived is not waited over, nor what is final", async () => {
  expect(await settle({ sizeBefore: 1_001 })).toMatchObject({ waitedMs: 0, asked: 1 });
  expect(await settle({ isFinal: true })).toMatchObject({ waitedMs: 0, asked: 1 });
});

test("a server that states no checksums costs a second at first, and then a quarter of one and two questions more", async () => {
  const habits = new ServerHabits();
  for (let file = 0; file < 3; file++) expect(await settle({ sizeAtMs: 0 }, habits)).toMatchObject({ waitedMs: 1_000 });
  for (let file = 0; file < 3; file++) {
    expect(await settle({ sizeAtMs: 0 }, habits)).toMatchObject({ waitedMs: 250, asked: 3 });
  }
});

test("a server that stated one is given all the time, until three files had none", async () => {
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
] as const)("a byte that was changed on the way is found by a checksum that is late: %j", async (report) => {
  await using desk = await openDesk({ files, report, faults: [{ on: "transfer", kind: "corrupt", atByte: 1_000 }] });
  const { report: failed } = downloadItem(desk.client, desk.item.id, desk.folder.path);
  await expect(failed).rejects.toMatchObject({ code: "INTEGRITY", problem: "digest" });
  await expect(failed).rejects.toThrow(IntegrityError);
  expect(await desk.names()).toEqual([]);
  const { files: reports } = await downloadItem(desk.client, desk.item.id, desk.folder.path).report;
  expect(reports).toMatchObject([{ verifiedBy: "checksum" }]);
});

test.concurrent("the simulator's own rate makes its checksum late", async () => {
  const faults = [{ on: "transfer", kind: "corrupt", atByte: 1_000 }] as const;
  await using desk = await openDesk({ files, faults, transfer: { bytesPerSecond: 4_000_000 } });
  const { report } = downloadItem(desk.client, desk.item.id, desk.folder.path);
  await expect(report).rejects.toMatchObject({ problem: "digest" });
});

test.concurrent("what is never stated is not waited for without end, and nothing is claimed for it", async () => {
  await using desk = await openDesk({ files, report: { size: "always", checksum: "never" } });
  const { files: reports } = await downloadItem(desk.client, desk.item.id, desk.folder.path).report;
  expect(reports).toMatchObject([{ verifiedBy: "length" }]);
});

test.concurrent("members that are null are the same as missing ones", async () => {
  const report = { size: "never", checksum: "never", unset: "null" } as const;
  await using desk = await openDesk({ files, report, transfer: { contentLength: false } });
  const options = { factsTimeoutMs: 100 };
  const { files: reports } = await downloadItem(desk.client, desk.item.id, desk.folder.path, options).report;
  expect(reports).toMatchObject([{ verifiedBy: "nothing", sizeBytes: 400_000 }]);
});

test.concurrent.each(["", "   ", "N/A", "0", "0x"])(
  "a checksum %j says nothing: the next best decides",
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
] as const)("a body without a length that ends early is continued where it ended: %j", async (report) => {
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
  "a run that ended while it waited for the checksum leaves nothing that the next one takes for compared: %j",
  async (transfer) => {
    for (const size of ["always", "downloaded"] as const) {
      const report = { size, checksumDelayMs: 300 } as const;
      const fault = { on: "transfer", kind: "corrupt", atByte: 1_000 } as const;
      await using desk = await openDesk({ files, report, transfer, faults: [fault] });
      const stop = new AbortController();
      const waiting = downloadItem(desk.client, desk.item.id, desk.folder.path, { signal: stop.signal });
      // Its last byte was sent, and the checksum is not there yet.
      await vi.waitFor(() => expect(desk.simulator.journal.some(({ sentBytes }) => sentBytes >= 400_000)).toBe(true));
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
