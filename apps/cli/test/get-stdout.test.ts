import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { sha256 } from "@carrel/test-kit";
import { describe, expect } from "vitest";
import { filesIn, test } from "./support/fixture.ts";

const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const MiB = 1024 * 1024;
const iso = (name: string): object => ({ name, type: "iso", files: [{ name: `${name}.iso`, sizeBytes: 40_000 }] });
const disks = {
  name: "disks",
  files: [
    { name: "a.vmdk", sizeBytes: 300_000 },
    { name: "b.vmdk", sizeBytes: 3 * MiB },
  ],
};
const libraries = [{ name: "Images", items: [iso("ubuntu-24.04"), iso("ubuntu-26.04"), disks] }] as never;

describe("-o -", () => {
  test("writes one file to standard output, verified", async ({ simulate, folder }) => {
    const { simulator, env } = await simulate({ libraries });
    const child = spawn(process.execPath, [main, "get", "Images/disks/b.vmdk", "-o", "-"], { env, cwd: folder });
    const chunks: Buffer[] = [];
    let stderr = "";
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    const [exitCode] = (await once(child, "close")) as [number];
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "b.vmdk: 3.0 MiB, verified by checksum\n" });
    const bytes = await simulator.inventory.item("Images/disks").file("b.vmdk").bytes();
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
    expect(await filesIn(folder)).toEqual([]);
  });

  test("ends quietly when the reader has enough, and ends its session", async ({ simulate, folder }) => {
    const files = [{ name: "big.iso", sizeBytes: 64 * 1024 * MiB }];
    const { simulator, env } = await simulate({ libraries: [{ name: "Images", items: [{ name: "big", files }] }] });
    const child = spawn(process.execPath, [main, "get", "Images/big/big.iso", "-o", "-"], { env, cwd: folder });
    let stderr = "";
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    await once(child.stdout, "data");
    child.stdout.destroy();
    const [exitCode] = (await once(child, "close")) as [number];
    expect({ exitCode, stderr }).toEqual({ exitCode: 141, stderr: "" });
    expect(simulator.downloadSessions).toEqual([]);
  });

  test("says once that the server does not answer, and that it does again", async ({ simulate }) => {
    const { simulator, run } = await simulate({ libraries });
    simulator.faults.add({ on: "transfer", kind: "reset", atByte: MiB });
    simulator.faults.add({ on: "transfer", kind: "status", status: 503, use: 2, times: 2 });
    const { exitCode, stderr } = await run(["get", "Images/disks/b.vmdk", "-o", "-"]);
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/ is out of order \(HTTP 503\); trying again for .+ of 3\.0 MiB are kept\.\n/u);
    expect(stderr).toMatch(/ answers again after .+\nb\.vmdk: 3\.0 MiB, verified by checksum\n$/u);
  });

  test("takes one file only", async ({ simulate }) => {
    const { run } = await simulate({ libraries });
    expect(await run(["get", "Images/disks", "-o", "-"])).toMatchObject({ exitCode: 2, stdout: "" });
    expect(await run(["get", "Images/ubuntu-*", "-o", "-"])).toMatchObject({ exitCode: 2, stdout: "" });
  });

  test("ends with 5 where the output is wrong", async ({ simulate }) => {
    const checksum = { algorithm: "SHA256", checksum: "0".repeat(64) };
    const files = [{ name: "a.iso", sizeBytes: 100_000, states: { checksum } }];
    const { run } = await simulate({ libraries: [{ name: "Images", items: [{ name: "a", files }] }] as never });
    const { exitCode, stderr } = await run(["get", "Images/a/a.iso", "-o", "-"]);
    expect(exitCode).toBe(5);
    expect(stderr).toMatch(/\n {2}The output is .*: do not use it\.\n$/u);
    expect(stderr).not.toContain("final name");
  });

  test("does not promise to resume where a transfer was given up", async ({ simulate }) => {
    const { simulator, run } = await simulate({ libraries });
    simulator.faults.add({ on: "transfer", kind: "status", status: 403, times: "always" });
    const { exitCode, stderr } = await run(["get", "Images/disks/a.vmdk", "-o", "-"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("do not use it.");
    expect(stderr).not.toContain("goes on");
  });

  test("keeps to --prepare-timeout", async ({ simulate }) => {
    const { run } = await simulate({ libraries, prepare: { requestedMs: 600_000 } });
    const args = ["get", "Images/disks/b.vmdk", "-o", "-", "--prepare-timeout", "0.3"];
    const { exitCode, stdout, stderr } = await run(args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toContain("b.vmdk");
  });

  test("ends with 5 where --require-verified is given and nothing can verify the output", async ({ simulate }) => {
    const unknown = { report: { checksum: "never", size: "never" }, transfer: { contentLength: false } } as const;
    const { simulator, run } = await simulate({ libraries, ...unknown });
    const args = ["get", "Images/disks/a.vmdk", "-o", "-"];
    expect(await run(args)).toMatchObject({ exitCode: 0, stderr: "a.vmdk: 293.0 KiB, UNVERIFIED\n" });
    const strict = await run([...args, "--require-verified"]);
    expect(strict.exitCode).toBe(5);
    expect(strict.stderr).toMatch(/^carrel: Cannot verify "a\.vmdk": the server states neither/u);
    expect(strict.stderr).toContain("written to standard output nevertheless");
    expect(simulator.downloadSessions).toEqual([]);
  });

  describe("compares with whatever a file is compared with", () => {
    const disk = new Uint8Array(300_000).fill(7);
    const ovf = (line: string): object => ({
      libraries: [
        {
          name: "Images",
          items: [
            {
              name: "p",
              type: "ovf",
              files: [
                { name: "d.vmdk", bytes: disk },
                { name: "p.mf", text: line },
              ],
            },
          ],
        },
      ],
    });
    const args = ["get", "Images/p/d.vmdk", "-o", "-"];

    test("the checksum in the item's list of files", async ({ simulate }) => {
      const { simulator, run } = await simulate({ libraries, report: { checksum: "never", itemChecksum: true } });
      const list = ["get", "Images/disks/a.vmdk", "-o", "-"];
      expect(await run(list)).toMatchObject({ exitCode: 0, stderr: "a.vmdk: 293.0 KiB, verified by checksum\n" });
      simulator.faults.add({ on: "transfer", kind: "corrupt", atByte: 1000 });
      const { exitCode, stderr } = await run(list);
      expect(exitCode).toBe(5);
      expect(stderr).toContain("does not match the server's checksum");
    });

    test("the item's manifest", async ({ simulate }) => {
      const seed = ovf(`SHA256(d.vmdk)= ${sha256(disk)}`);
      const { simulator, run } = await simulate({ ...seed, report: { checksum: "never" } });
      expect(await run(args)).toMatchObject({ exitCode: 0, stderr: "d.vmdk: 293.0 KiB, verified by manifest\n" });
      simulator.faults.add({ on: "transfer", file: "d.vmdk", kind: "corrupt", atByte: 1000 });
      const { exitCode, stderr } = await run(args);
      expect(exitCode).toBe(5);
      expect(stderr).toContain('does not match the OVF manifest "p.mf" (line 1)');
      expect(simulator.downloadSessions).toEqual([]);
    });

    test("both, and says what to do about a manifest that is wrong", async ({ simulate }) => {
      const { run } = await simulate(ovf(`SHA256(d.vmdk)= ${"0".repeat(64)}`));
      const { exitCode, stderr } = await run(args);
      expect(exitCode).toBe(5);
      expect(stderr).toContain("--manifest report");
      const reported = await run([...args, "--manifest", "report"]);
      expect(reported).toMatchObject({
        exitCode: 0,
        stderr:
          'Warning: line 1 of "p.mf": it states a different digest for "d.vmdk"\n' +
          "d.vmdk: 293.0 KiB, verified by checksum\n",
      });
    });
  });
});
