import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { until } from "@carrel/test-kit";
import { describe, expect } from "vitest";
import { filesIn, test } from "./support/fixture.ts";
import { eventsOf } from "./support/mirrored.ts";

const MiB = 1024 * 1024;
const iso = (name: string): object => ({ name, type: "iso", files: [{ name: `${name}.iso`, sizeBytes: 40_000 }] });
const disks = {
  name: "disks",
  files: [
    { name: "a.vmdk", sizeBytes: 300_000 },
    { name: "b.vmdk", sizeBytes: 3 * MiB },
    { name: "notes.txt", text: "hello" },
  ],
};
const nothing = { name: "nothing", type: "ovf" };
const libraries = [
  { name: "Images", items: [iso("ubuntu-24.04"), iso("ubuntu-26.04"), iso("debian-13"), nothing, disks] },
] as never;

describe("several items", () => {
  test("by a glob go into a directory each", async ({ simulate, folder }) => {
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
      "out/disks/notes.txt",
      "",
    ]);
    await promisify(execFile)("sha256sum", ["--check", "--strict", sums], { cwd: folder });
  });

  test("that a glob does not find", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries });
    const { exitCode, stderr } = await run(["get", "Images/fedora-*", "-o", folder]);
    expect(exitCode).toBe(4);
    expect(stderr).toContain('No item of library "Images" matches "fedora-*"');
  });

  test("that would share one directory are refused", async ({ simulate, folder }) => {
    const items = [iso("twin"), iso("Twin")];
    const { run } = await simulate({ libraries: [{ name: "Images", items }] as never });
    const { exitCode, stderr } = await run(["get", "Images/?win", "-o", folder]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("would share one directory");
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

  test("that fail do not stop the others, and are named at the end", async ({ simulate, folder }) => {
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
    expect(stdout).toMatch(/^2 files of 2 items, .* all verified by checksum\.$/mu);
    expect(stdout).toContain(`Saved to ${join(folder, "out")}, in a directory per item`);
    expect(await filesIn(join(folder, "out"))).toEqual([
      join("debian-13", "debian-13.iso"),
      join("ubuntu-26.04", "ubuntu-26.04.iso"),
    ]);
    await promisify(execFile)("sha256sum", ["--check", "--strict", sums], { cwd: folder });

    const json = await run(["get", "Images/*", "-o", join(folder, "json"), "--json"]);
    expect(json.exitCode).toBe(5);
    const events = eventsOf(json.stdout);
    expect(events.filter(({ type }) => type === "failed")).toContainEqual(
      expect.objectContaining({
        item: "corrupt",
        error: expect.objectContaining({ code: "INTEGRITY", exitCode: 5 }) as unknown,
      }),
    );
    expect(events.at(-1)).toMatchObject({ type: "error", error: { exitCode: 5 } });
  });

  test("are not tried one after the other where the login is refused in between", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries });
    simulator.faults.add(
      { on: "downloadSession.create", kind: "expireSession", session: "api", use: 2 },
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

  test("of which some lack the requested files: the others are downloaded", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries });
    const { exitCode, stderr } = await run(["get", "Images/*/[a-d]*.{vmdk,iso}", "-o", folder]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    const ofDisks = [join("disks", "a.vmdk"), join("disks", "b.vmdk")];
    expect(await filesIn(folder)).toEqual([join("debian-13", "debian-13.iso"), ...ofDisks]);
    const none = await run(["get", "Images/*/*.ova", "-o", folder]);
    expect(none).toMatchObject({ exitCode: 4, stdout: "" });
    expect(none.stderr).toContain('5 items found, but no file that matches "*.ova"');
  });

  test("of which one lacks the file that is named: none is begun", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries });
    const { exitCode, stderr } = await run(["get", "Images/debian-13", "Images/disks/c.vmdk", "-o", folder]);
    expect(exitCode).toBe(4);
    expect(stderr).toContain('Item "disks" has no file that matches "c.vmdk"\n  Did you mean "a.vmdk" or "b.vmdk"?');
    expect(await filesIn(folder)).toEqual([]);
    expect(simulator.journal.some(({ operation }) => operation?.startsWith("downloadSession"))).toBe(false);
  });

  test.for([
    [
      ["Images/disks/a.vmdk", "Images/disks/*.txt"],
      ["a.vmdk", "notes.txt"],
    ],
    [
      ["Images/disks/a.vmdk", "Images/disks"],
      ["a.vmdk", "b.vmdk", "notes.txt"],
    ],
    [
      ["Images/debian-13", "Images/d*"],
      [join("debian-13", "debian-13.iso"), ...["a.vmdk", "b.vmdk", "notes.txt"].map((name) => join("disks", name))],
    ],
  ] as const)("%j: an item that is named twice is one", async ([targets, files], { simulate, folder }) => {
    const { run } = await simulate({ libraries });
    expect(await run(["get", ...targets, "-o", folder])).toMatchObject({ exitCode: 0, stderr: "" });
    expect(await filesIn(folder)).toEqual(files);
  });
});

test("an item without files is not an error, nor with --dry-run", async ({ simulate, folder }) => {
  const { run } = await simulate({ libraries });
  const args = ["get", "Images/nothing", "-o", folder];
  expect(await run(args)).toEqual({ exitCode: 0, stdout: "No files.\n", stderr: "" });
  const dry = await run([...args, "--dry-run"]);
  expect(dry).toMatchObject({ exitCode: 0, stderr: "" });
  expect(dry.stdout).toMatch(/^0 files, 0 B .* Nothing was downloaded\.$/mu);
  expect(await run(["get", "Images/nothing", "-o", "-"])).toMatchObject({ exitCode: 4, stdout: "" });
});
