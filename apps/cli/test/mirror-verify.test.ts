import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { filesIn, test } from "./support/fixture.ts";
import { eventsOf, expectMirrored, imageOf, transferred } from "./support/mirrored.ts";

const libraries = [{ name: "Images", items: [imageOf("ubuntu", "a.vmdk", "b.vmdk"), imageOf("debian", "debian.iso")] }];

/** Changes a byte of a file, whose size stays. */
async function flip(path: string): Promise<void> {
  const bytes = await readFile(path);
  bytes[1000] = (bytes[1000] ?? 0) ^ 1;
  await writeFile(path, bytes);
}

describe("--verify", () => {
  test("finds a file whose content was changed here, and brings it anew", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries });
    expect(await run(["mirror", "Images", folder])).toMatchObject({ exitCode: 0 });
    const path = join(folder, "ubuntu", "b.vmdk");
    await flip(path);
    // Without it, only sizes are looked at.
    expect(await run(["mirror", "Images", folder])).toMatchObject({ exitCode: 0, stderr: "" });

    const dry = await run(["mirror", "Images", folder, "--verify", "--dry-run"]);
    expect(dry.exitCode).toBe(1);
    expect(dry.stderr).toBe(
      `carrel: "ubuntu": ${path} is not what mirror put there: its content was modified locally\n`,
    );
    expect(dry.stdout).toMatch(/^incomplete .* ubuntu$/mu);

    const before = transferred(simulator).length;
    const { exitCode, stdout } = await run(["mirror", "Images", folder, "--verify"]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^completed .* ubuntu$/mu);
    expect(transferred(simulator)).toHaveLength(before + 1);
    await expectMirrored(folder, simulator);
  });

  test("says nothing in quiet mode where all is as it was, and counts what it read", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries });
    expect(await run(["mirror", "Images", folder, "--verify"])).toMatchObject({ exitCode: 0 });
    const quiet = await run(["mirror", "Images", folder, "--verify", "--quiet"]);
    expect(quiet).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    const json = await run(["mirror", "Images", folder, "--verify", "--json"]);
    expect(eventsOf(json.stdout).at(-1)).toMatchObject({
      type: "done",
      allInPlace: true,
      verified: { files: 3, bytes: 120_000, differing: 0 },
    });
  });
});

test("a folder that cannot be made is told, and never waited for", async ({ simulate }) => {
  const { run } = await simulate({ libraries });
  for (const args of [
    ["mirror", "Images", "/proc/carrel-test"],
    ["get", "Images/debian", "-o", "/proc/carrel-test"],
  ]) {
    const { exitCode, stderr } = await run(args);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('Cannot create directory "/proc/carrel-test"');
  }
});

test("--dry-run tells what would fail, and ends as a run would", async ({ simulate, folder }) => {
  const items = [imageOf("twin", "a.iso"), imageOf("Twin", "a.iso")];
  const { run } = await simulate({ libraries: [{ name: "Images", items }] });
  const dry = await run(["mirror", "Images", folder, "--dry-run"]);
  expect(dry.exitCode).toBe(1);
  expect(dry.stdout).not.toContain("All is in place");
  expect(dry.stdout).toContain("2 would fail");
  const real = await run(["mirror", "Images", folder]);
  expect(real.exitCode).toBe(dry.exitCode);
  expect(dry.stderr.split("\n").length).toBeGreaterThanOrEqual(2);
  expect(await filesIn(folder)).toEqual([]);
});
