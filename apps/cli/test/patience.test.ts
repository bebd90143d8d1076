import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { startSimulator } from "@carrel/simulator";
import type { Fault, Simulator } from "@carrel/simulator";
import { until } from "@carrel/test-kit";
import { describe, expect } from "vitest";
import { eagerClock } from "./support/clocks.ts";
import { test } from "./support/fixture.ts";
import { eventsOf } from "./support/mirrored.ts";
import { runCli } from "./support/run-cli.ts";
import type { CliRun } from "./support/run-cli.ts";

const MiB = 1024 * 1024;
const file = { name: "debian.iso", sizeBytes: 20 * MiB, seed: "debian" };
const items = [{ id: "11111111-1111-4111-8111-111111111111", name: "debian", type: "iso", files: [file] }];
const libraries = [{ id: "22222222-2222-4222-8222-222222222222", name: "Images", items }];

function environmentOf({ url, credentials }: Simulator): Readonly<Record<string, string>> {
  return { VSPHERE_SERVER: url.href, VSPHERE_USER: credentials.username, VSPHERE_PASSWORD: credentials.password };
}

/** Waits until the bytes of the file flow. */
async function inMidTransfer(simulator: Simulator): Promise<void> {
  await until(() => simulator.journal.some(({ kind, sentBytes }) => kind === "transfer" && sentBytes > MiB));
}

/** Runs a command against a vCenter that is stopped in mid-transfer, and started again at once where that is wanted. */
async function withOutage(
  args: readonly string[],
  { isRestarted }: { readonly isRestarted: boolean },
): Promise<CliRun & { readonly waitedMs: number; readonly bytes: Buffer }> {
  let simulator = await startSimulator({ libraries });
  const { port } = simulator.url;
  const clock = eagerClock();
  const running = runCli(args, environmentOf(simulator), { clock });
  await inMidTransfer(simulator);
  const bytes = await simulator.inventory.item("Images/debian").file(file.name).bytes();
  await simulator.close();
  if (isRestarted) simulator = await startSimulator({ libraries, port: Number(port) });
  const run = await running;
  await simulator.close();
  return { ...run, waitedMs: clock.now(), bytes: Buffer.from(bytes) };
}

const outage =
  /^127\.0\.0\.1:\d+ does not answer \(.+\); trying again for (?:24 h|10 min) more\. [\d.]+ of 20\.0 MiB are kept\.$/gmu;
const slowly = ["--limit-rate", "10M"];

describe("an outage", () => {
  test.for(["get", "mirror"])("costs %s nothing but time, and is reported once", async (command, { folder }) => {
    const args = command === "get" ? ["get", "Images/debian", "-o", folder] : ["mirror", "Images", folder];
    const run = await withOutage([...args, ...slowly, "--retry-for", "24h"], { isRestarted: true });
    expect(run.exitCode).toBe(0);
    const lines = run.stderr.split("\n").filter((line) => /answer/u.test(line));
    // One that is over before a second attempt fails has a line of its own.
    if (lines.length > 0) {
      expect(run.stderr.match(outage)).toHaveLength(1);
      expect(run.stderr.match(/ answers again after /gu)).toHaveLength(1);
    }
    const path = command === "get" ? join(folder, file.name) : join(folder, "debian", file.name);
    expect((await readFile(path)).equals(run.bytes)).toBe(true);
  });

  test("ends get after 10 minutes without a terminal, with what is kept and what the same command does", async ({
    folder,
  }) => {
    const run = await withOutage(["get", "Images/debian", "-o", folder, ...slowly], { isRestarted: false });
    expect(run.exitCode).toBe(1);
    expect(run.waitedMs).toBeGreaterThanOrEqual(600_000);
    expect(run.waitedMs).toBeLessThan(700_000);
    expect(run.stderr.match(outage)).toHaveLength(1);
    const part = join(folder, `${file.name}.part`);
    expect(run.stderr.trimEnd().split("\n").at(-1)).toMatch(
      /^[\d.]+ of 20\.0 MiB are kept in .+debian\.iso\.part\. The same command resumes there\.$/u,
    );
    expect(run.stderr).toContain(part);
    expect(await readdir(folder)).toContain(`${file.name}.part`);
  });

  test("ends with a summary for programs, after the outage and before the error", async ({ folder }) => {
    const args = ["get", "Images/debian", "-o", folder, ...slowly, "--json"];
    const run = await withOutage(args, { isRestarted: false });
    const events = eventsOf(run.stdout);
    const { length } = await readFile(join(folder, `${file.name}.part`));
    expect(events.find(({ type }) => type === "outage")).toMatchObject({
      reason: "connection refused",
      systemCode: "ECONNREFUSED",
      totalBytes: 20 * MiB,
    });
    expect(events.slice(-2)).toMatchObject([
      { type: "summary", files: 1, whole: 0, interrupted: 1, keptBytes: length, complete: false },
      { type: "error" },
    ]);
  });

  test("ends mirror likewise, which counts items", async ({ folder }) => {
    const run = await withOutage(["mirror", "Images", folder, ...slowly], { isRestarted: false });
    expect(run.exitCode).toBe(1);
    expect(run.waitedMs).toBeLessThan(700_000);
    expect(run.stderr.match(outage)).toHaveLength(1);
    expect(run.stderr.trimEnd().split("\n").at(-1)).toMatch(
      /^(?:0 of 1 item is in place.* )?[\d.]+ of 20\.0 MiB of "debian\/debian\.iso" are kept\. The same command resumes there\.$/u,
    );
  });

  test("of a server that sends nothing more is reported, and overcome", async ({ simulate, folder }) => {
    const stall: Fault = { on: "transfer", kind: "stall", atByte: 10 * MiB };
    const { run, simulator } = await simulate({ libraries, faults: [stall] });
    const { exitCode, stderr } = await run(["get", "Images/debian", "-o", folder, "--stall-timeout", "0.2"]);
    expect({ exitCode, stderr }).toMatchObject({
      exitCode: 0,
      stderr: expect.stringMatching(
        /^127\.0\.0\.1:\d+ does not answer \(no data\); trying again for 10 min more\. 10\.0 of 20\.0 MiB are kept\.\n127\.0\.0\.1:\d+ answers again after .+\n$/u,
      ) as string,
    });
    const bytes = await simulator.inventory.item("Images/debian").file(file.name).bytes();
    expect((await readFile(join(folder, file.name))).equals(bytes)).toBe(true);
  });
});

test("a server that has never answered, and a login that is refused, end a run at once", async ({ folder }) => {
  const simulator = await startSimulator({ libraries });
  const clock = eagerClock();
  const wrong = { ...environmentOf(simulator), VSPHERE_PASSWORD: "not-it" };
  expect(await runCli(["get", "Images/debian", "-o", folder], wrong, { clock })).toMatchObject({ exitCode: 3 });
  await simulator.close();
  for (const args of [
    ["get", "Images/debian", "-o", folder],
    ["mirror", "Images", folder],
  ]) {
    const { exitCode, stderr } = await runCli(args, environmentOf(simulator), { clock });
    expect(exitCode).toBe(1);
    expect(stderr).not.toContain("trying again");
  }
  expect(clock.now()).toBe(0);
});

describe("bytes that arrive damaged", () => {
  const damage = (use: number): Fault => ({ on: "transfer", kind: "corrupt", atByte: MiB + use, use });

  test("once are fetched again, and the file is whole", async ({ simulate, folder }) => {
    const { run, simulator } = await simulate({ libraries, report: { checksum: "always" }, faults: [damage(1)] });
    const { exitCode, stderr } = await run(["get", "Images/debian", "-o", folder]);
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/^"debian\/debian\.iso" arrived damaged, fetching it again \(2 of 3\): .+\n$/u);
    const bytes = await simulator.inventory.item("Images/debian").file(file.name).bytes();
    expect((await readFile(join(folder, file.name))).equals(bytes)).toBe(true);
  });

  test("three times end the run, which says so", async ({ simulate, folder }) => {
    const faults = [1, 2, 3].map(damage);
    const { run } = await simulate({ libraries, report: { checksum: "always" }, faults });
    const { exitCode, stderr } = await run(["get", "Images/debian", "-o", folder]);
    expect(exitCode).toBe(5);
    expect(stderr.match(/arrived damaged, fetching it again \([23] of 3\)/gu)).toHaveLength(2);
    expect(stderr.trimEnd().split("\n").at(-1)).toBe("The file arrived damaged 3 times. The same command fetches it.");
    expect(await readdir(folder)).toEqual([]);
  });
});

test("--retry-for takes lengths of time, and 0 for a few attempts", async ({ folder }) => {
  const wrong = await runCli(["get", "Images/debian", "--retry-for", "soon", "--server", "vc", "--user", "me"]);
  expect(wrong).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('--retry-for: invalid value "soon"') as string,
  });
  const run = await withOutage(["get", "Images/debian", "-o", folder, ...slowly, "--retry-for", "0"], {
    isRestarted: false,
  });
  expect(run.exitCode).toBe(1);
  expect(run.waitedMs).toBeLessThan(60_000);
  expect(run.stderr).toContain("after resuming 5 times without progress");
});
