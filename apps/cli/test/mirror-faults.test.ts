import { readdir, readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { readMirrorRecord } from "@carrel/mirror";
import type { Fault } from "@carrel/simulator";
import { until } from "@carrel/test-kit";
import { describe, expect } from "vitest";
import { filesIn, test } from "./support/fixture.ts";
import { eventsOf, expectMirrored, imageOf } from "./support/mirrored.ts";

const largeItem = { name: "large", type: "iso", files: [{ name: "large.iso", sizeBytes: 3_000_000 }] };
const libraries = [{ name: "Images", items: [largeItem, imageOf("debian", "debian.iso"), imageOf("ubuntu", "u.iso")] }];
const stallInLarge: Fault = { on: "transfer", file: "large.iso", kind: "stall", atByte: 2_000_000 };

describe("one item that fails does not stop the others; the exit code says why", () => {
  test.for<[string, number, Fault]>([
    ["a flipped byte", 5, { on: "transfer", file: "large.iso", kind: "corrupt", atByte: 9, times: "always" }],
    [
      "a server that cannot prepare it",
      1,
      { on: "downloadSession.file.prepare", file: "large.iso", kind: "prepareError" },
    ],
    [
      "no right to download it",
      3,
      { on: "downloadSession.create", kind: "status", status: 403, errorType: "UNAUTHORIZED" },
    ],
    ["an item that is gone by then", 4, { on: "downloadSession.create", kind: "status", status: 404 }],
    ["an item that cannot be looked at", 1, { on: "item.get", kind: "status", status: 400 }],
  ])("%s: %i", async ([, code, fault], { simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries, faults: [fault] });
    const args = ["mirror", "Images", folder, "--json", "--concurrency", "1"];
    const { exitCode, stdout, stderr } = await run(args);
    expect({ exitCode, stderr }).toMatchObject({
      exitCode: code,
      stderr: expect.stringMatching(
        /^(?:"large\/large\.iso" arrived damaged.+\n)?carrel: "[^"]+": .+\n(?: .+\n)*carrel: Not mirrored: "[^"]+"\n$/u,
      ) as string,
    });
    const events = eventsOf(stdout);
    expect(events.filter(({ type }) => type === "failed")).toMatchObject([{ error: { exitCode: code } }]);
    expect(events.at(-2)).toMatchObject({ type: "done", allInPlace: false, inPlace: 2, failed: 1 });
    expect(simulator.faults.unused).toEqual([]);

    simulator.faults.clear();
    expect(await run(["mirror", "Images", folder, "--quiet"])).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    await expectMirrored(folder, simulator);
  });

  test("a login that is refused stops it", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries });
    expect(await run(["mirror", "Images", folder], { VSPHERE_PASSWORD: "wrong" })).toMatchObject({ exitCode: 3 });
  });

  test("a certificate that is not the pinned one stops it", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries });
    const wrong = { VSPHERE_THUMBPRINT: "00:".repeat(32).slice(0, -1) };
    expect(await run(["mirror", "Images", folder], wrong)).toMatchObject({ exitCode: 6 });
  });
});

/** Content versions of the items that are in place, as the record has them. */
async function versionsIn(folder: string): Promise<Readonly<Record<string, unknown>>> {
  const { items } = (await readMirrorRecord(folder)) ?? { items: [] };
  return Object.fromEntries(items.map(({ name, contentVersion }) => [name, contentVersion]));
}

describe("a run that is interrupted resumes", () => {
  test.for(["SIGKILL", "SIGINT"] as const)("after %s", async (signal, { simulate, folder }) => {
    const { simulator, start, run } = await simulate({
      libraries,
      report: { checksum: "always" },
      faults: [stallInLarge],
    });
    const { child, ended } = start(["mirror", "Images", folder, "--limit-rate", "4M"]);
    // The two small ones are in place, and a part of the large one has arrived.
    await expect.poll(() => versionsIn(folder), { timeout: 20_000 }).toEqual({ debian: "1", ubuntu: "1" });
    await expect.poll(() => filesIn(folder)).toContainEqual(expect.stringMatching(/large\.iso\.part\.json$/u));
    child.kill(signal);
    expect(await ended).toMatchObject({ exitCode: signal === "SIGINT" ? 130 : null });
    expect(await readdir(folder)).not.toContain("large");
    expect((await readdir(folder)).includes(".carrel-mirror.lock")).toBe(signal === "SIGKILL");
    if (signal === "SIGINT") expect(simulator.openSessions).toEqual([]);
    simulator.expireDownloadSessions();
    simulator.expireApiSessions();

    const { exitCode, stdout, stderr } = await run(["mirror", "Images", folder, "--json"]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(eventsOf(stdout).at(-2)).toMatchObject({ new: 1, unchanged: 2, allInPlace: true });
    expect(eventsOf(stdout).at(-2)?.["receivedBytes"]).toBeLessThan(3_000_000);
    await expectMirrored(folder, simulator);
  });

  test("and drops what arrived of a content version that is no more", async ({ simulate, folder }) => {
    const { simulator, start, run } = await simulate({ libraries, faults: [stallInLarge] });
    const { child, ended } = start(["mirror", "Images", folder]);
    await until(() => simulator.journal.some(({ file, sentBytes }) => file === "large.iso" && sentBytes >= 1_900_000));
    child.kill("SIGINT");
    expect(await ended).toMatchObject({ exitCode: 130 });
    const large = simulator.inventory.item("Images/large");
    large.putFile({ name: "large.iso", sizeBytes: 3_000_000, seed: "another" });
    expect(await run(["mirror", "Images", folder])).toMatchObject({ exitCode: 0, stderr: "" });
    await expectMirrored(folder, simulator);
  });
});

const shortTimes = { NODE_OPTIONS: `--import ${new URL("support/short-lock-times.mjs", import.meta.url).href}` };

describe.skipIf(process.platform === "win32")("a run that was held up until another took its place", () => {
  test.for(["while the other is at work", "after it"])(
    "and wakes %s changes nothing, and says so",
    async (when, { simulate, folder }) => {
      const { simulator, start } = await simulate({ libraries });
      const first = start(["mirror", "Images", folder, "--limit-rate", "1M"], shortTimes);
      await expect
        .poll(() => filesIn(folder), { timeout: 20_000 })
        .toContainEqual(expect.stringMatching(/large\.iso\.part\.json$/u));
      first.child.kill("SIGSTOP");
      const isSlow = when !== "after it";
      const second = start(["mirror", "Images", folder, ...(isSlow ? ["--limit-rate", "1M"] : [])], shortTimes);
      if (isSlow) {
        const before = await readFile(join(folder, ".carrel-mirror.lock"), "utf8");
        const owner = (text: string): string => text.split("\n")[0] ?? "";
        await expect
          .poll(async () => owner(await readFile(join(folder, ".carrel-mirror.lock"), "utf8")), { timeout: 20_000 })
          .not.toBe(owner(before));
        first.child.kill("SIGCONT");
      }
      const { exitCode, stderr } = await second.ended;
      expect([exitCode, stderr]).toEqual([0, expect.any(String)]);
      first.child.kill("SIGCONT");
      expect(await first.ended).toMatchObject({
        exitCode: 1,
        stderr: expect.stringContaining("Lost the lock") as string,
      });
      await expectMirrored(folder, simulator);
      expect((await filesIn(folder)).filter((name) => name.startsWith("."))).toEqual([".carrel-mirror.json"]);
    },
  );
});

describe("two runs at once", () => {
  test("the second says who holds the lock, and changes nothing", async ({ simulate, folder }) => {
    const { simulator, start, run } = await simulate({ libraries, faults: [stallInLarge] });
    const { child, ended } = start(["mirror", "Images", folder]);
    await until(() => simulator.journal.some(({ file, sentBytes }) => file === "large.iso" && sentBytes >= 1_900_000));
    const second = await run(["mirror", "Images", folder, "--quiet"]);
    expect(second.exitCode).toBe(1);
    const holder = String.raw`pid ${child.pid} on ${hostname()}, running since 20\d\d-\d\d-\d\dT[\d:.]+Z`;
    expect(second.stderr).toMatch(
      new RegExp(String.raw`^carrel: Cannot mirror to "\S+": another run is mirroring to it \(${holder}\)\n`, "u"),
    );
    expect(second.stderr).toContain(`Its lock is ${join(folder, ".carrel-mirror.lock")}`);
    expect(second.stderr).not.toContain("goes on");
    // One that only looks needs no lock.
    expect(await run(["mirror", "Images", folder, "--dry-run"])).toMatchObject({ exitCode: 1, stderr: "" });
    child.kill("SIGTERM");
    expect(await ended).toMatchObject({ exitCode: 143 });
    expect(await run(["mirror", "Images", folder])).toMatchObject({ exitCode: 0 });
    await expectMirrored(folder, simulator);
  });
});
