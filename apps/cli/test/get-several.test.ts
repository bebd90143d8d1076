import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect } from "vitest";
import { filesIn, test, until } from "./support/fixture.ts";
import { eventsOf } from "./support/mirrored.ts";

const MiB = 1024 * 1024;
const iso = (name: string): object => ({ name, type: "iso", files: [{ name: `${name}.iso`, sizeBytes: 40_000 }] });
const disks = {
  name: "disks",
  files: [
    { name: "a.vmdk", sizeBytes: 300_000 },
    { name: "b.vmdk", sizeBytes: 3 * MiB },
  ],
};
const libraries = [
  { name: "Images", items: [iso("ubuntu-24.04"), iso("ubuntu-26.04"), iso("debian-13"), disks] },
] as never;

describe("several items", () => {
  test("by a glob go into a folder each", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries });
    const { exitCode, stderr } = await run(["get", "Images/ubuntu-*", "-o", folder]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(await filesIn(folder)).toEqual([
      join("ubuntu-24.04", "ubuntu-24.04.iso"),
      join("ubuntu-26.04", "ubuntu-26.04.iso"),
    ]);
  });

  test("by name, with a checksum file that sha256sum agrees with", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries, report: { checksumAlgorithm: "SHA1" } });
    const sums = join(folder, "SHA256SUMS");
    const args = ["get", "Images/debian-13", "Images/disks", "-o", join(folder, "out"), "--checksum", sums];
    expect(await run(args)).toMatchObject({ exitCode: 0 });
    expect((await readFile(sums, "utf8")).split("\n").map((line) => line.slice(66))).toEqual([
      "out/debian-13/debian-13.iso",
      "out/disks/a.vmdk",
      "out/disks/b.vmdk",
      "",
    ]);
    await promisify(execFile)("sha256sum", ["--check", "--strict", sums], { cwd: folder });
  });

  test("that a glob does not find", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries });
    const { exitCode, stderr } = await run(["get", "Images/fedora-*", "-o", folder]);
    expect(exitCode).toBe(4);
    expect(stderr).toContain('No item of library "Images" matches "fedora-*".');
  });

  test("that would go into one folder are refused", async ({ simulate, folder }) => {
    const items = [iso("twin"), iso("Twin")];
    const { run } = await simulate({ libraries: [{ name: "Images", items }] as never });
    const { exitCode, stderr } = await run(["get", "Images/?win", "-o", folder]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("would go into one folder");
    expect(await filesIn(folder)).toEqual([]);
  });

  test("arrive at the same time, as many files at once as --concurrency says", async ({ simulate, folder }) => {
    const items = ["one", "two", "three", "four", "five"].map(iso);
    const { simulator, start } = await simulate({ libraries: [{ name: "Images", items }] as never });
    simulator.faults.add({ on: "transfer", kind: "stall", times: 3 });
    const transfers = (): number => simulator.journal.filter(({ kind }) => kind === "transfer").length;
    const args = ["get", "Images/*", "-o", folder, "--concurrency", "3", "--stall-timeout", "0.7"];
    const { ended } = start(args);
    await until(() => transfers() === 3);
    expect(simulator.openSessions).toHaveLength(3);
    expect(await ended).toMatchObject({ exitCode: 0 });
    expect(await filesIn(folder)).toHaveLength(5);
  });

  test("that fail do not stop the others, and are told at the end", async ({ simulate, folder }) => {
    const bad = { algorithm: "SHA256", checksum: "0".repeat(64) };
    const items = [
      iso("debian-13"),
      { name: "corrupt", files: [{ name: "c.iso", sizeBytes: 1000, states: { checksum: bad } }] },
      { name: "fails", files: [{ name: "f.iso", sizeBytes: 1000 }] },
      iso("ubuntu-26.04"),
    ];
    const { simulator, run } = await simulate({ libraries: [{ name: "Images", items }] as never });
    simulator.faults.add({ on: "downloadSession.file.prepare", kind: "prepareError", file: "f.iso", times: "always" });
    const sums = join(folder, "SHA256SUMS");
    const args = ["get", "Images/*", "-o", join(folder, "out"), "--checksum", sums];
    const { exitCode, stdout, stderr } = await run(args);
    expect(exitCode).toBe(5);
    expect(stderr).toMatch(/^carrel: "corrupt": "c\.iso" does not match the server's checksum/mu);
    expect(stderr).toMatch(/^carrel: Not downloaded: "\w+", "\w+"$/mu);
    expect(stdout).toMatch(/^2 files of 2 items, .* all verified\.$/mu);
    expect(stdout).toContain(`They are in ${join(folder, "out")}, in a folder for each item.`);
    expect(await filesIn(join(folder, "out"))).toEqual([
      join("debian-13", "debian-13.iso"),
      join("ubuntu-26.04", "ubuntu-26.04.iso"),
    ]);
    await promisify(execFile)("sha256sum", ["--check", "--strict", sums], { cwd: folder });

    const json = await run(["get", "Images/*", "-o", join(folder, "json"), "--json"]);
    expect(json.exitCode).toBe(5);
    const events = eventsOf(json.stdout);
    expect(events.filter(({ type }) => type === "failed")).toContainEqual(
      expect.objectContaining({ item: "corrupt", code: "INTEGRITY", exitCode: 5 }),
    );
    expect(events.at(-1)).toMatchObject({ type: "error", exitCode: 5 });
  });

  test("are not tried one after the other where the login is refused in between", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries });
    simulator.faults.add(
      { on: "downloadSession.create", kind: "expireSession", what: "api", use: 2 },
      { on: "session.create", kind: "status", status: 401, use: 2, times: "always" },
    );
    const { exitCode, stderr } = await run(["get", "Images/*", "-o", folder, "--concurrency", "1"]);
    expect(exitCode).toBe(3);
    expect(stderr.match(/carrel: /gu)).toHaveLength(1);
  });

  test("named twice, with several globs over files, are downloaded once", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries });
    const args = ["get", "Images/disks/a*", "Images/disks/b.vmdk", "images/DISKS/a.vmdk", "-o", folder];
    expect(await run(args)).toMatchObject({ exitCode: 0, stderr: "" });
    expect(await filesIn(folder)).toEqual(["a.vmdk", "b.vmdk"]);
    expect(simulator.journal.filter(({ operation }) => operation === "downloadSession.create")).toHaveLength(1);
  });

  test("that have no file which a glob over files wants are left out", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries });
    expect(await run(["get", "Images/*/b.*", "-o", folder])).toMatchObject({ exitCode: 0, stderr: "" });
    expect(await filesIn(folder)).toEqual([join("disks", "b.vmdk")]);
    expect(simulator.journal.filter(({ operation }) => operation === "downloadSession.create")).toHaveLength(1);
    const none = await run(["get", "Images/*/*.ova", "-o", folder]);
    expect(none.exitCode).toBe(4);
    expect(none.stderr).toContain('None of the 4 items that match has a file that matches "*.ova".');
  });
});
