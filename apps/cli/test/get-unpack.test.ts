import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { tarHeader, writeTar } from "@carrel/test-kit";
import { describe, expect } from "vitest";
import { archived, disk, eula, manifest, ovf, photon } from "./support/archives.ts";
import { filesIn, test } from "./support/fixture.ts";
import { eventsOf } from "./support/mirrored.ts";

const unpacked = ["eula.txt", "photon-disk1.vmdk", "photon.mf", "photon.ovf"];

describe("carrel get --unpack-ova", () => {
  test("writes the files in an archive in place of it, verified by the manifest in it", async ({
    simulate,
    folder,
  }) => {
    const { simulator, run } = await simulate({ libraries: archived(photon, [{ name: "readme.txt", text: "x" }]) });
    const args = ["get", "T/photon", "--unpack-ova", "-o", folder];
    const { exitCode, stdout, stderr } = await run(args);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 0,
      stderr: 'Warning: "photon": "eula.txt": no manifest names it, only its length was compared\n',
    });
    expect(await filesIn(folder)).toEqual([...unpacked, "readme.txt"].toSorted());
    for (const { name, content } of photon) {
      const bytes = await readFile(join(folder, name.replace(/^.*\//u, "")));
      expect(bytes.equals(Buffer.from(content))).toBe(true);
    }
    expect(stdout).toMatch(/ {2}verified by manifest .* photon-disk1\.vmdk$/mu);
    expect(stdout).toMatch(/^5 files, .*verified 1 by checksum, 2 by manifest, 2 by length\./mu);
    const before = simulator.journal.length;
    const again = eventsOf((await run([...args, "--json"])).stdout);
    expect(again.filter(({ type }) => type === "skipped")).toHaveLength(5);
    expect(again.filter(({ type }) => type === "transferring" || type === "finished")).toEqual([]);
    const transfers = simulator.journal.slice(before).filter(({ kind }) => kind === "transfer");
    expect(transfers.reduce((sum, { sentBytes }) => sum + sentBytes, 0)).toBeLessThan(100_000);
    expect(await run(["verify", folder])).toMatchObject({ exitCode: 0 });
    expect(simulator.downloadSessions).toEqual([]);
  });

  test("chooses archives by name, and unpacks each as a whole", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries: archived(photon, [{ name: "readme.txt", text: "x" }]) });
    expect(await run(["get", "T/photon/*.ova", "--unpack-ova", "-o", folder])).toMatchObject({ exitCode: 0 });
    expect(await filesIn(folder)).toEqual(unpacked);
  });

  test("continues where a connection breaks, and fetches again what arrived damaged", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries: archived([ovf, manifest, disk]) });
    simulator.faults.add({ on: "transfer", kind: "reset", atByte: 1_000_000 });
    const { exitCode, stdout } = await run(["get", "T/photon", "--unpack-ova", "-o", folder, "--json"]);
    expect(exitCode).toBe(0);
    const [resumed] = eventsOf(stdout).filter(({ type }) => type === "resumed");
    expect(resumed).toMatchObject({ file: disk.name });
    expect(resumed?.["fromByte"]).toBeLessThan(1_000_000);
    expect((await readFile(join(folder, disk.name))).equals(Buffer.from(disk.content))).toBe(true);
    simulator.faults.add({ on: "transfer", kind: "corrupt", atByte: 1_500_000 });
    const other = join(folder, "other");
    const damaged = await run(["get", "T/photon", "--unpack-ova", "-o", other]);
    expect(damaged).toMatchObject({ exitCode: 0, stderr: expect.stringContaining("arrived damaged") as string });
    expect((await readFile(join(other, disk.name))).equals(Buffer.from(disk.content))).toBe(true);
  });

  test("resumes what an earlier run left, with several connections too", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries: archived([ovf, manifest, disk]) });
    simulator.faults.add({ on: "transfer", kind: "reset", atByte: 1_500_000, times: "always" });
    const args = ["get", "T/photon", "--unpack-ova", "-o", folder];
    expect((await run([...args, "--retry-for", "0"])).exitCode).toBe(1);
    expect(await filesIn(folder)).not.toContain(disk.name);
    simulator.faults.clear();
    const before = simulator.journal.length;
    const { exitCode, stdout } = await run([...args, "--connections", "3", "--json"]);
    expect(exitCode).toBe(0);
    const [resumed] = eventsOf(stdout).filter(({ type }) => type === "resumed");
    expect(resumed?.["fromByte"]).toBeGreaterThan(1_000_000);
    const transfers = simulator.journal.slice(before).filter(({ kind }) => kind === "transfer");
    expect(transfers.reduce((sum, { sentBytes }) => sum + sentBytes, 0)).toBeLessThan(1_000_000);
    expect((await readFile(join(folder, disk.name))).equals(Buffer.from(disk.content))).toBe(true);
  });

  test("continues under another session where the first one is lost", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries: archived([ovf, manifest, disk]) });
    simulator.faults.add({ on: "transfer", kind: "expireSession", use: 3 });
    expect(await run(["get", "T/photon", "--unpack-ova", "-o", folder])).toMatchObject({ exitCode: 0 });
    expect((await readFile(join(folder, disk.name))).equals(Buffer.from(disk.content))).toBe(true);
  });

  test("never joins two versions of an archive", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries: archived([disk, eula]) });
    simulator.faults.add({ on: "transfer", kind: "changeContent", file: "photon.ova", use: 2 });
    const { exitCode } = await run(["get", "T/photon", "--unpack-ova", "-o", folder, "--retry-for", "0"]);
    expect(exitCode).not.toBe(0);
    expect(await filesIn(folder)).not.toContain(disk.name);
    expect(simulator.downloadSessions).toEqual([]);
  });

  test("never publishes what the manifest contradicts", async ({ simulate, folder }) => {
    const other = { ...disk, content: Buffer.from(disk.content).fill(1, 1_999_999) };
    const { simulator, run } = await simulate({ libraries: archived([ovf, manifest, other]) });
    const { exitCode, stderr } = await run(["get", "T/photon", "--unpack-ova", "-o", folder]);
    expect(exitCode).toBe(5);
    expect(stderr).toContain('"photon-disk1.vmdk" does not match the OVF manifest "photon.mf" (line 2)');
    const names = (await filesIn(folder)).filter((name) => !name.endsWith(".part.json"));
    expect(names).toEqual(["photon.mf", "photon.ovf"]);
    expect(simulator.downloadSessions).toEqual([]);
  });

  test.for([
    ["a truncated archive", writeTar([ovf, disk]).subarray(0, 100_000), "it ends in the middle of a member"],
    ["what is not an archive", Buffer.from("no".repeat(2_000)), "it is not a tar archive"],
    ["two files of one name", writeTar([ovf, ovf]), "several members are named"],
    [
      "two files of one name without directories",
      writeTar([eula, { ...eula, name: "b/EULA.txt" }]),
      "two names as one",
    ],
    ["a name that leads elsewhere", writeTar([{ name: "..", content: "x" }]), "Cannot write the file"],
    ["a name that no file can have", writeTar([{ name: "a\u0001b", content: "x" }]), "Cannot write the file"],
  ] as const)("refuses %s, and writes nothing", async ([, bytes, reason], { simulate, folder }) => {
    const item = { name: "photon", files: [{ name: "photon.ova", bytes }] };
    const { simulator, run } = await simulate({ libraries: [{ name: "T", items: [item] }] });
    const { exitCode, stderr } = await run(["get", "T/photon", "--unpack-ova", "-o", folder]);
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain(reason);
    expect(await filesIn(folder)).toEqual([]);
    expect(simulator.downloadSessions).toEqual([]);
  });

  test("takes empty files, and an archive that ends with its last file", async ({ simulate, folder }) => {
    const content = Buffer.alloc(1_024, "y");
    const bytes = Buffer.concat([
      writeTar([{ name: "empty", content: "" }]).subarray(0, 512),
      tarHeader({ name: "last", sizeBytes: content.length }),
      content,
    ]);
    const item = { name: "photon", files: [{ name: "photon.ova", bytes }] };
    const { run } = await simulate({ libraries: [{ name: "T", items: [item] }] });
    const { exitCode, stderr } = await run(["get", "T/photon", "--unpack-ova", "-o", folder]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect((await readFile(join(folder, "empty"))).length).toBe(0);
    expect((await readFile(join(folder, "last"))).equals(content)).toBe(true);
  });

  test("is refused with the way out where the server does not honour ranges", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries: archived(photon), transfer: { ranges: false } });
    const { exitCode, stderr } = await run(["get", "T/photon", "--unpack-ova", "-o", folder]);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr: expect.stringMatching(
        /^carrel: Cannot read a part of "photon\.ova": the server does not honour ranges\n {2}Without --unpack-ova/u,
      ) as string,
    });
    expect(await filesIn(folder)).toEqual([]);
    expect(simulator.downloadSessions).toEqual([]);
  });

  test.for([["-o", "-"], ["--dry-run"]])("cannot be combined with %s", async (flags, { simulate }) => {
    const { simulator, run } = await simulate({ libraries: archived(photon) });
    const { exitCode, stderr } = await run(["get", "T/photon", "--unpack-ova", ...flags]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`Cannot combine --unpack-ova with ${flags.join(" ")}`);
    expect(simulator.journal).toEqual([]);
  });
});
