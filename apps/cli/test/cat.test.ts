import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { tarHeader } from "@carrel/test-kit";
import { describe, expect } from "vitest";
import { archived, disk, eula, manifest, ovf, photon } from "./support/archives.ts";
import { test } from "./support/fixture.ts";

const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const inArchive = "T/photon/photon.ova";
const libraries = archived(photon, [{ name: "readme.txt", text: "Hello\n" }]);

describe("carrel cat LIBRARY/ITEM/FILE", () => {
  test("writes a file, verified as get -o - does", async ({ simulate }) => {
    const { run } = await simulate({ libraries });
    expect(await run(["cat", "T/photon/readme.txt"])).toEqual({
      exitCode: 0,
      stdout: "Hello\n",
      stderr: "readme.txt: 6 B, verified by checksum\n",
    });
    expect(await run(["cat", "T/photon/*.txt", "-q"])).toMatchObject({ stdout: "Hello\n", stderr: "" });
    const archive = await run(["cat", inArchive, "--require-verified=checksum"]);
    expect(archive).toMatchObject({ exitCode: 0, stderr: "photon.ova: 1.9 MiB, verified by checksum\n" });
  });

  test("refuses what is not one file", async ({ simulate }) => {
    const { simulator, run } = await simulate({ libraries });
    expect(await run(["cat", "T"])).toMatchObject({ exitCode: 2, stdout: "" });
    expect(await run(["cat", "T/photon/readme.txt/x"])).toMatchObject({ exitCode: 2, stdout: "" });
    expect(simulator.journal).toEqual([]);
    const several = await run(["cat", "T/photon/*"]);
    expect(several).toMatchObject({ exitCode: 2, stdout: "" });
    expect(several.stderr).toContain("2 files match: photon.ova, readme.txt");
    expect((await run(["cat", "T/photon/none"])).exitCode).toBe(4);
  });
});

describe("carrel cat LIBRARY/ITEM/x.ova/FILE", () => {
  test("writes a file of the archive, verified by the manifest in it, without the rest", async ({ simulate }) => {
    const { simulator, run } = await simulate({ libraries });
    const { exitCode, stdout, stderr } = await run(["cat", `${inArchive}/photon.ovf`, "-v"]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: ovf.content });
    expect(stderr).toContain("photon.ovf: 4.9 KiB, verified by the manifest in the archive\n");
    const [, fetched] =
      /^verbose: "photon\.ova": (\d+) bytes fetched \(\d+\.\d KiB of 1\.9 MiB\)$/mu.exec(stderr) ?? [];
    const transfers = simulator.journal.filter(({ kind }) => kind === "transfer");
    expect(transfers.reduce((sum, { sentBytes }) => sum + sentBytes, 0)).toBe(Number(fetched));
    expect(Number(fetched)).toBeLessThan(100_000);
    expect(simulator.downloadSessions).toEqual([]);
  });

  test("says that a file is unverified which no manifest names, and refuses it with --require-verified", async ({
    simulate,
  }) => {
    const { run } = await simulate({ libraries });
    const path = String.raw`${inArchive}/texts\/eula.txt`;
    expect(await run(["cat", path])).toEqual({
      exitCode: 0,
      stdout: eula.content,
      stderr: "texts/eula.txt: 13 B, UNVERIFIED: no manifest in the archive names it\n",
    });
    for (const level of ["", "=length", "=manifest", "=checksum"]) {
      const refused = await run(["cat", path, `--require-verified${level}`]);
      expect(refused).toMatchObject({ exitCode: 5, stdout: "" });
      expect(refused.stderr).toContain('Cannot verify "texts/eula.txt" in "photon.ova"');
    }
    expect((await run(["cat", `${inArchive}/photon.ovf`, "--require-verified"])).exitCode).toBe(0);
    const byChecksum = await run(["cat", `${inArchive}/photon.ovf`, "--require-verified=checksum"]);
    expect(byChecksum).toMatchObject({ exitCode: 5, stdout: "" });
    expect(byChecksum.stderr).toContain("--require-verified=manifest");
  });

  test("takes a glob that means one file, and else says what there is", async ({ simulate }) => {
    const { run } = await simulate({ libraries });
    expect(await run(["cat", "T/pho*/*.ova/*.ovf"])).toMatchObject({ exitCode: 0, stdout: ovf.content });
    const none = await run(["cat", `${inArchive}/photon.vof`]);
    expect(none).toMatchObject({ exitCode: 4, stdout: "" });
    expect(none.stderr).toBe(
      'carrel: No file in "photon.ova" matches "photon.vof"\n  Did you mean "photon.ovf" or "photon.mf"?\n' +
        "  It has: photon.ovf, photon.mf, texts/eula.txt, photon-disk1.vmdk\n",
    );
    const several = await run(["cat", `${inArchive}/photon*`]);
    expect(several).toMatchObject({ exitCode: 2, stdout: "" });
    expect(several.stderr).toContain('3 files in "photon.ova" match: photon.ovf, photon.mf, photon-disk1.vmdk\n');
  });

  test("ends with 5 where the manifest contradicts a file, and never writes all of it", async ({ simulate }) => {
    const other = { ...disk, content: Buffer.from(disk.content).fill(1, 1_999_999) };
    const { simulator, run } = await simulate({ libraries: archived([ovf, manifest, other]) });
    const { exitCode, stdout, stderr } = await run(["cat", `${inArchive}/${disk.name}`]);
    expect(exitCode).toBe(5);
    expect(stdout.length).toBeLessThan(2_000_000);
    expect(stderr).toBe(
      'carrel: "photon-disk1.vmdk" in the archive does not match "photon.mf"\n' +
        "  The output is not the whole file, or not the right one: do not use it.\n",
    );
    expect(simulator.downloadSessions).toEqual([]);
  });

  test("is refused by a sentence and the way out where the server does not honour ranges", async ({ simulate }) => {
    const { simulator, run } = await simulate({ libraries, transfer: { ranges: false } });
    for (const args of [
      ["cat", `${inArchive}/photon.ovf`],
      ["ls", inArchive],
    ]) {
      expect(await run(args)).toEqual({
        exitCode: 1,
        stdout: "",
        stderr:
          'carrel: Cannot read a part of "photon.ova": the server does not honour ranges\n' +
          '  The whole file is needed: carrel get "T/photon/photon.ova"\n',
      });
    }
    expect(simulator.downloadSessions).toEqual([]);
  });

  test("refuses what is not an archive, is not cached, or has the file in part only", async ({ simulate }) => {
    const plain = await simulate({ libraries: archived([{ name: "texts/", content: "", type: "5" }]) });
    expect(await plain.run(["ls", inArchive])).toMatchObject({
      exitCode: 0,
      stdout: "",
      stderr: "The archive has no files.\n",
    });
    const bytes = Buffer.from("no archive".repeat(1_000));
    const item = { name: "photon", files: [{ name: "photon.ova", bytes }] };
    const text = await simulate({ libraries: [{ name: "T", items: [item] }] });
    const refused = await text.run(["cat", `${inArchive}/x`]);
    expect(refused).toMatchObject({ exitCode: 1, stdout: "" });
    expect(refused.stderr).toContain('carrel: "photon.ova" is not an OVA archive\n');
    const remote = await simulate({ libraries: [{ name: "T", type: "SUBSCRIBED", onDemand: true, items: [item] }] });
    const uncached = await remote.run(["cat", `${inArchive}/x`]);
    expect(uncached).toMatchObject({ exitCode: 1, stdout: "" });
    expect(uncached.stderr).toContain('not cached at this vCenter\n  To have it fetched: carrel sync "T/photon"\n');
    const head = tarHeader({ name: "disk.vmdk", sizeBytes: 1_000_000 });
    const cut = { name: "photon", files: [{ name: "photon.ova", bytes: Buffer.concat([head, Buffer.alloc(1_000)]) }] };
    const { run } = await simulate({ libraries: [{ name: "T", items: [cut] }] });
    expect(await run(["cat", `${inArchive}/disk.vmdk`])).toEqual({
      exitCode: 5,
      stdout: "",
      stderr:
        'Warning: "photon.ova": it ends in the middle of a member\n' +
        'carrel: Cannot locate the bytes of "disk.vmdk" in the archive\n',
    });
  });

  test("fetches the content first with --sync", async ({ simulate }) => {
    const [{ items = [] } = {}] = libraries;
    const { run } = await simulate({ libraries: [{ name: "T", type: "SUBSCRIBED", onDemand: true, items }] });
    const { exitCode, stdout } = await run(["cat", `${inArchive}/photon.ovf`, "--sync"]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: ovf.content });
  });

  test("ends quietly when the reader has enough, and ends its session", async ({ simulate, folder }) => {
    const big = Buffer.alloc(40_000_000, "line\n");
    const { simulator, env } = await simulate({ libraries: archived([{ name: "big.log", content: big }]) });
    const child = spawn(process.execPath, [main, "cat", `${inArchive}/big.log`], { env, cwd: folder });
    let stderr = "";
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    await once(child.stdout, "data");
    child.stdout.destroy();
    const [exitCode] = (await once(child, "close")) as [number];
    expect({ exitCode, stderr }).toEqual({ exitCode: 141, stderr: "" });
    expect(simulator.downloadSessions).toEqual([]);
  });
});
