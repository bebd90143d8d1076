import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Fault } from "@carrel/simulator";
import { until } from "@carrel/test-kit";
import { describe, expect } from "vitest";
import { filesIn, test } from "./support/fixture.ts";

const libraries = [
  {
    name: "Images",
    items: [{ name: "debian-13", type: "iso", files: [{ name: "debian.iso", sizeBytes: 3_000_000 }] }],
  },
];

describe("what a download survives", () => {
  const lines = /^"debian-13\/debian\.iso" was interrupted, and continues at [\d.]+ [KM]?i?B: .+\n$/u;

  test.for<[string, Fault]>([
    ["a reset in mid-body", { on: "transfer", kind: "reset", atByte: 1_000_000 }],
    ["an early close", { on: "transfer", kind: "shortClose", atByte: 1_000_000, keepLength: true }],
    ["a busy server", { on: "transfer", kind: "status", status: 503 }],
    ["a lost answer to create", { on: "downloadSession.create", kind: "loseAnswer" }],
    ["a login that ends", { on: "downloadSession.file.list", kind: "expireSession", session: "api" }],
  ])("%s", async ([, fault], { simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries, faults: [fault] });
    const { exitCode, stderr } = await run(["get", "Images/debian-13", "-o", folder]);
    expect([exitCode, stderr]).toEqual([0, fault.on === "transfer" ? expect.stringMatching(lines) : ""]);
    const bytes = await simulator.inventory.item("Images/debian-13").file("debian.iso").bytes();
    expect((await readFile(join(folder, "debian.iso"))).equals(bytes)).toBe(true);
    expect(simulator.faults.unused).toEqual([]);
  });

  test("transfers from another origin with a certificate of its own", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries, transferOrigin: "own" });
    expect(await run(["get", "Images/debian-13", "-o", folder])).toMatchObject({ exitCode: 0, stderr: "" });
  });
});

describe("what ends with 5 and leaves nothing under the final name", () => {
  test.for<[string, Fault]>([
    [
      "a body that ends early and looks complete",
      { on: "transfer", kind: "truncate", atByte: 1_000_000, times: "always" },
    ],
    ["a body that goes on", { on: "transfer", kind: "extend", bytes: 10, times: "always" }],
    ["a flipped byte", { on: "transfer", kind: "corrupt", atByte: 1_000_000, times: "always" }],
    ["a page in place of the file", { on: "transfer", kind: "htmlPage", times: "always" }],
  ])("%s", async ([, fault], { simulate, folder }) => {
    const { run } = await simulate({ libraries, faults: [fault] });
    const { exitCode, stderr } = await run(["get", "Images/debian-13", "-o", folder]);
    expect({ exitCode, stderr }).toMatchObject({
      exitCode: 5,
      stderr: expect.stringContaining("debian.iso") as string,
    });
    // One thing to do about it, said once.
    const advice = stderr.replace(/^"debian-13\/debian\.iso" arrived damaged.*\n/gmu, "");
    expect(advice.match(/again/gu)?.length ?? 0).toBeLessThanOrEqual(1);
    expect(stderr).not.toMatch(/[?,;:]\./u);
    expect(await filesIn(folder)).not.toContain("debian.iso");
  });
});

test("a session that could not be deleted is reported with its id, and changes nothing else", async ({
  simulate,
  folder,
}) => {
  const { simulator, run } = await simulate({
    libraries,
    faults: [{ on: "downloadSession.delete", kind: "status", status: 500, times: "always" }],
  });
  const got = await run(["get", "Images/debian-13", "-o", folder]);
  const [left] = simulator.openSessions;
  expect(got).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("all verified") as string });
  expect(got.stderr).toMatch(/^Warning: Could not end download session \S+, which will expire on the server: .*\n$/u);
  expect(got.stderr).toContain(`carrel sessions rm ${left}`);
  const seen = await run(["doctor"]);
  expect(seen.stdout).toMatch(/^warning +download .*NOT deleted.*\n +To end it: carrel sessions rm \S+$/mu);
  simulator.faults.clear();
  expect(await run(["sessions", "rm", ...simulator.openSessions])).toMatchObject({ exitCode: 0 });
});

test("a file that the server names ../escaped.iso is written nowhere", async ({ simulate, folder }) => {
  const fault: Fault = {
    on: "downloadSession.file.list",
    kind: "renameFile",
    file: "debian.iso",
    name: "../escaped.iso",
  };
  const { run } = await simulate({ libraries, faults: [fault] });
  const { exitCode, stderr } = await run(["get", "Images/debian-13", "-o", join(folder, "inner")]);
  expect(exitCode).toBe(1);
  expect(stderr).toContain("../escaped.iso");
  expect(stderr).toContain("carrel get LIBRARY/ITEM/FILE -o - > NAME");
  expect(await filesIn(folder)).toEqual([]);
});

test("a file that cannot be prepared is reported in the server's words", async ({ simulate, folder }) => {
  const message = "The datastore is on fire.";
  const fault: Fault = { on: "downloadSession.file.prepare", kind: "prepareError", message };
  const { run } = await simulate({ libraries, faults: [fault] });
  const { exitCode, stderr } = await run(["get", "Images/debian-13", "-o", folder]);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(message) as string });
});

test("Ctrl-C during a stalled transfer deletes the session; the same command resumes later", async ({
  simulate,
  folder,
}) => {
  const { simulator, start, run } = await simulate({
    libraries,
    report: { checksum: "always" },
    faults: [{ on: "transfer", kind: "stall", atByte: 2_000_000 }],
  });
  const { child, ended } = start(["get", "Images/debian-13", "-o", folder]);
  await until(() => simulator.journal.some(({ kind, sentBytes }) => kind === "transfer" && sentBytes >= 1_900_000));
  child.kill("SIGINT");
  expect(await ended).toMatchObject({ exitCode: 130 });
  expect(simulator.downloadSessions).toEqual([]);
  expect(await filesIn(folder)).toContain("debian.iso.part");
  expect(await run(["get", "Images/debian-13", "-o", folder])).toMatchObject({ exitCode: 0 });
  expect(await filesIn(folder)).toEqual(["debian.iso"]);
});

test("a second Ctrl-C stops at once", async ({ simulate, folder }) => {
  const { simulator, start } = await simulate({
    libraries,
    prepare: { requestedMs: 600_000 },
    faults: [{ on: "downloadSession.delete", kind: "stall", times: "always" }],
  });
  const asked = (operation: string) => (): boolean =>
    simulator.journal.some((exchange) => exchange.operation === operation);
  const { child, ended } = start(["get", "Images/debian-13", "-o", folder]);
  await until(asked("downloadSession.file.prepare"));
  child.kill("SIGINT");
  await until(asked("downloadSession.delete"));
  child.kill("SIGINT");
  expect(await ended).toMatchObject({ exitCode: 130 });
  // Left behind, as asked for; the server ends them in its own time.
  expect(simulator.openSessions).toHaveLength(1);
  simulator.expireDownloadSessions();
  simulator.expireApiSessions();
});
