import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { TransferError } from "@carrel/core";
import type { Fault } from "@carrel/simulator";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { lockTimes } from "../../src/files/heartbeat.ts";
import { downloadItem } from "../../src/index.ts";
import type { DownloadTask } from "../../src/index.ts";
import { runChild } from "./child/run-child.ts";
import type { ChildLine, Oddities } from "./child/run-child.ts";
import { openDesk, until } from "./desk.ts";
import type { Desk } from "./desk.ts";
import { Flow } from "./flow.ts";

vi.setConfig({ testTimeout: 90_000 });

const MiB = 1_048_576;
const disk = { name: "disk-0.vmdk", sizeBytes: 8 * MiB };
const isLinux = process.platform === "linux";
/** For runs that find others alive: those show it long before. */
const times = { beatMs: 50, staleMs: 60_000 };
/** For runs that take over from others, which stand still. */
const hasty = { times: { beatMs: 50, staleMs: 500 } };
/** The first run receives a byte that the server does not have, so that what it writes from there on can be recognised. */
const corrupt: Fault = { on: "transfer", file: disk.name, kind: "corrupt", atByte: 3 * MiB };

interface Peculiar extends Oddities {
  readonly prefix?: readonly string[];
  readonly resumeLimit?: number;
}

/** A download in a process of its own that can be held up. */
class Run {
  readonly lines: ChildLine[] = [];
  readonly ended: Promise<ChildLine | undefined>;
  readonly #child: ReturnType<typeof runChild>;
  readonly #pid: () => number;
  readonly #record: string;
  #heard = Promise.withResolvers<void>();

  constructor(desk: Desk, { resumeLimit, ...oddities }: Peculiar = {}) {
    const options = { progressIntervalMs: 10, damagedRetries: 0, ...(resumeLimit !== undefined && { resumeLimit }) };
    this.#child = runChild(desk, options, ":", { times, ...oddities });
    const { pid = 0 } = this.#child.process;
    // `unshare` has the download as its child.
    this.#pid = () => (oddities.prefix === undefined ? pid : Number(childOf(pid)));
    this.#record = desk.folder.join(`${disk.name}.part.json`);
    runs.push(this);
    this.ended = this.#listen();
  }

  async #listen(): Promise<ChildLine | undefined> {
    for await (const line of this.#child.lines) {
      this.lines.push(line);
      this.#heard.resolve();
      this.#heard = Promise.withResolvers();
    }
    await this.#child.exit;
    this.#heard.resolve();
    return this.lines.at(-1);
  }

  /** Waits for a line. */
  async says(type: ChildLine["type"], isMeant: (line: ChildLine) => boolean = () => true): Promise<void> {
    while (!this.lines.some((line) => line.type === type && isMeant(line))) {
      const { exitCode, signalCode } = this.#child.process;
      if (exitCode !== null || signalCode !== null) throw new Error(`It ended: ${JSON.stringify(this.lines.at(-1))}`);
      await this.#heard.promise;
    }
  }

  async hasReceived(bytes: number): Promise<void> {
    await this.says("transferring", (line) => line.type === "transferring" && line.receivedBytes > bytes);
  }

  /** Waits until a run after this one would resume after this many bytes. */
  async hasRecorded(bytes: number): Promise<void> {
    const recordedBytes = async (): Promise<number> => {
      const text = await readFile(this.#record, "utf8").catch(() => undefined);
      return text === undefined ? 0 : (JSON.parse(text) as { readonly bytes: number }).bytes;
    };
    await expect.poll(recordedBytes, { timeout: 30_000, interval: 10 }).toBeGreaterThan(bytes);
  }

  signal(name: NodeJS.Signals): void {
    try {
      const pid = this.#pid();
      // 0 would be all of us.
      if (pid <= 1) return;
      process.kill(pid, name);
    } catch {
      // It has ended.
    }
  }

  /** Waits until it stands still. */
  async isStopped(): Promise<void> {
    await expect.poll(async () => stateOf(this.#pid()), { timeout: 30_000, interval: 20 }).toBe("T");
  }
}

const usual = { ...lockTimes };
beforeEach(() => void Object.assign(lockTimes, times));

const runs: Run[] = [];
afterEach(async () => {
  Object.assign(lockTimes, usual);
  for (const run of runs) {
    run.signal("SIGKILL");
    run.signal("SIGCONT");
  }
  await Promise.all(runs.splice(0).map((run) => run.ended.catch(() => undefined)));
});

async function stateOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "latin1");
  return stat.slice(stat.lastIndexOf(")") + 2)[0];
}

function childOf(pid: number): string {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
}

/** What is there once both have ended. */
async function expectWhole(desk: Desk): Promise<void> {
  const final = await readFile(desk.folder.join(disk.name));
  expect(final.equals(await desk.item.file(disk.name).bytes())).toBe(true);
  expect(await desk.names()).toEqual([disk.name]);
}

/** Killed ones cannot end theirs. */
function forgetSessions({ simulator }: Desk): void {
  simulator.expireDownloadSessions();
  simulator.expireApiSessions();
}

/** A download in this process, which is awake. */
function downloadHere({ client, item, folder }: Desk): DownloadTask {
  return downloadItem(client, item.id, folder.path, { damagedRetries: 0 });
}

const lost = { type: "failed", error: { message: expect.stringMatching(/^Lost the lock/) as string } };

test.each(["before the other takes over", "while the other writes", "after the other has ended"])(
  "downloadItem changes nothing in a run that was stopped and wakes %s",
  async (when) => {
    const flow = new Flow();
    await using desk = await openDesk({ files: [disk], faults: [corrupt], ...flow.options });
    const first = new Run(desk);
    await flow.until(first.hasRecorded(MiB));
    first.signal("SIGSTOP");
    if (when === "before the other takes over") {
      const second = new Run(desk);
      await second.says("waiting");
      first.signal("SIGCONT");
      expect(await second.ended).toMatchObject({
        type: "failed",
        error: { message: expect.stringMatching(/being downloaded .* by another process \(pid \d+ on /) as string },
      });
      // What it got was wrong, and it alone had it.
      expect(await flow.until(first.ended)).toMatchObject({ type: "failed", error: { code: "INTEGRITY" } });
      expect(await desk.names()).toEqual([]);
      return;
    }
    const second = new Run(desk, hasty);
    // What was sent to the first run now waits for it, including the wrong byte.
    if (when === "while the other writes") {
      await flow.until(second.hasReceived(4 * MiB));
      first.signal("SIGCONT");
      expect(await first.ended).toMatchObject(lost);
    }
    expect(await flow.until(second.ended)).toMatchObject({ type: "report", files: [{ verifiedBy: "checksum" }] });
    first.signal("SIGCONT");
    expect(await first.ended).toMatchObject(lost);
    // It resumed what the first one had, from a copy.
    expect(second.lines.find(({ type }) => type === "resumed")).toMatchObject({
      fromByte: expect.any(Number) as number,
    });
    await expectWhole(desk);
  },
);

test("downloadItem emits waiting for a run that shows no sign of life", async () => {
  const flow = new Flow();
  await using desk = await openDesk({ files: [disk], ...flow.options });
  const first = new Run(desk);
  await flow.until(first.hasReceived(MiB));
  first.signal("SIGSTOP");
  const second = new Run(desk, { times: { beatMs: 50, staleMs: 2_000 } });
  await second.says("waiting");
  expect(second.lines[0]).toMatchObject({ file: disk.name, holder: expect.stringMatching(/^pid \d+ on /) as string });
  first.signal("SIGKILL");
  await first.ended;
  expect(await flow.until(second.ended)).toMatchObject({ type: "report" });
  forgetSessions(desk);
  await expectWhole(desk);
});

test("downloadItem does not wait after a run that was killed, and resumes", async () => {
  const flow = new Flow();
  await using desk = await openDesk({ files: [disk], ...flow.options });
  const first = new Run(desk);
  await flow.until(first.hasRecorded(2 * MiB));
  first.signal("SIGKILL");
  await first.ended;
  // On other systems its death cannot be proved.
  const second = new Run(desk, isLinux ? { times: { beatMs: 1_000, staleMs: 600_000 } } : hasty);
  expect(await flow.until(second.ended)).toMatchObject({
    type: "report",
    receivedBytes: expect.any(Number) as number,
  });
  const [resumed] = second.lines;
  expect(resumed).toMatchObject({ type: "resumed" });
  expect(resumed?.type === "resumed" && resumed.fromByte).toBeGreaterThan(2 * MiB);
  forgetSessions(desk);
  await expectWhole(desk);
});

test.each([-120_000, 86_400_000])(
  "downloadItem takes nothing over because of a clock that is %i ms ahead",
  async (clockShiftMs) => {
    for (const shifted of ["first", "second"]) {
      const flow = new Flow();
      await using desk = await openDesk({ files: [disk], ...flow.options });
      const first = new Run(desk, shifted === "first" ? { clockShiftMs } : {});
      await flow.until(first.hasReceived(MiB));
      if (shifted === "first") await expect(downloadHere(desk).report).rejects.toThrow("another process");
      else {
        expect(await new Run(desk, { clockShiftMs }).ended).toMatchObject({
          type: "failed",
          error: { message: expect.stringContaining("another process") as string },
        });
      }
      expect(await flow.until(first.ended)).toMatchObject({ type: "report", files: [{ verifiedBy: "checksum" }] });
      await expectWhole(desk);
    }
  },
);

// A lock can always be lost between the check and the rename that follows it.
const moments: readonly (readonly [string, Oddities["stopBefore"] & object, boolean])[] = [
  ["replaces the record", { call: "rename", path: String.raw`\.tmp -> .*\.part\.json$` }, false],
  ["gives the final name", { call: "rename", path: String.raw`\.part -> .*\.vmdk$` }, false],
  ["removes the lock", { call: "unlink", path: String.raw`\.lock$` }, false],
  ["keeps the part", { call: "rename", path: String.raw`\.[0-9a-f]{8}\.part -> .*\.vmdk\.part$` }, true],
  ["removes the part that is wrong", { call: "unlink", path: String.raw`\.vmdk\.[0-9a-f]{8}\.part$` }, true],
];

test.runIf(isLinux).each(moments)(
  "downloadItem breaks nothing in a run that is stopped just before it %s",
  async (_what, stopBefore, fails) => {
    for (const order of ["wakes last", "wakes while the other writes"]) {
      const flow = new Flow();
      await using desk = await openDesk({ files: [disk], faults: fails ? [corrupt] : [], ...flow.options });
      const keeps = stopBefore.path.endsWith(String.raw`\.vmdk\.part$`);
      const first = new Run(desk, keeps ? { resumeLimit: 1, stopBefore } : { stopBefore });
      if (keeps) desk.simulator.faults.add({ on: "transfer", kind: "reset", atByte: 4 * MiB, times: "always" });
      await flow.until(first.isStopped());
      desk.simulator.faults.clear();
      lockTimes.staleMs = hasty.times.staleMs;
      const task = downloadHere(desk);
      const second = task.report.then(
        () => undefined,
        (error: unknown) => error as TransferError,
      );
      if (order === "wakes last") {
        expect(await flow.until(second)).toBeUndefined();
      } else {
        const transferring = until(task, ({ type }) => type === "transferring").catch(() => undefined);
        await flow.until(Promise.race([transferring, second]));
      }
      first.signal("SIGCONT");
      const [firstEnd, secondError] = await flow.until(Promise.all([first.ended, second]));
      // Whoever lost the lock says so; one of them always gets the file under its name, or a third one does.
      if (firstEnd?.type === "failed") expect(firstEnd.error.code).toMatch(/TRANSFER|INTEGRITY/);
      if (secondError !== undefined) expect(secondError.code).toMatch(/TRANSFER|INTEGRITY/);
      expect(firstEnd?.type === "report" || secondError === undefined).toBe(true);
      const third = downloadHere(desk).report;
      expect(await flow.until(third)).toMatchObject({ files: [{ verifiedBy: "checksum" }] });
      await expectWhole(desk);
    }
  },
);

const [mount, unmount] = ["mount", "umount"] as const;
/** Mounts a small file system of its own; only root may. */
const mountSmall = (path: string, MiBs: number): boolean =>
  spawnSync(mount, ["-t", "tmpfs", "-o", `size=${MiBs}m`, "tmpfs", path]).status === 0;

test.runIf(isLinux && process.geteuid?.() === 0)(
  "downloadItem removes what a killed run left and starts over if there is no room for a copy",
  async ({ annotate }) => {
    const flow = new Flow();
    await using desk = await openDesk({ files: [disk], ...flow.options });
    if (!mountSmall(desk.folder.path, 9)) {
      if (process.env["CI"] !== undefined) throw new Error("Nothing can be mounted here.");
      await annotate("Nothing can be mounted here: not tried.");
      return;
    }
    try {
      const first = new Run(desk);
      await flow.until(first.hasRecorded(5 * MiB));
      first.signal("SIGKILL");
      await first.ended;
      const second = new Run(desk);
      expect(await flow.until(second.ended)).toMatchObject({ type: "report", receivedBytes: disk.sizeBytes });
      forgetSessions(desk);
      await expectWhole(desk);
    } finally {
      spawnSync(unmount, [desk.folder.path]);
    }
  },
);

const unshare = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"];
const canUnshare =
  isLinux && spawnSync(unshare[0] ?? "", [...unshare.slice(1), process.execPath, "--version"]).status === 0;

// As root; where tests run by themselves they do.
test.runIf(canUnshare || (isLinux && process.env["CI"] !== undefined)).each(["stopped", "awake"])(
  "downloadItem does not take a run in another pid namespace of the host for dead: the first is %s",
  async (state) => {
    const flow = new Flow();
    await using desk = await openDesk({ files: [disk], faults: state === "stopped" ? [corrupt] : [], ...flow.options });
    const first = new Run(desk, { prefix: unshare });
    await flow.until(first.hasReceived(state === "awake" ? 0 : MiB));
    if (state === "stopped") {
      first.signal("SIGSTOP");
      const second = new Run(desk, { prefix: unshare, ...hasty });
      expect(await flow.until(second.ended)).toMatchObject({ type: "report", files: [{ verifiedBy: "checksum" }] });
      first.signal("SIGCONT");
      expect(await first.ended).toMatchObject(lost);
    } else {
      const second = new Run(desk, { prefix: unshare });
      expect(await second.ended).toMatchObject({
        type: "failed",
        error: { message: expect.stringContaining("another process (pid 1 on ") as string },
      });
      first.signal("SIGKILL");
      await first.ended;
      forgetSessions(desk);
      const third = new Run(desk, { prefix: unshare, ...hasty });
      expect(await flow.until(third.ended)).toMatchObject({ type: "report" });
    }
    await expectWhole(desk);
  },
);
