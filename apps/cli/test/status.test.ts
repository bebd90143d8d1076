import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { test } from "./support/fixture.ts";
import { imageOf } from "./support/mirrored.ts";

const libraries = [{ name: "Images", items: [imageOf("debian", "debian.iso"), imageOf("ubuntu", "a.iso")] }];

/** Makes the last complete run of a mirror older. */
async function age(folder: string, hours: number): Promise<void> {
  const path = join(folder, ".carrel-mirror.json");
  const record = JSON.parse(await readFile(path, "utf8")) as { runs: object };
  const completeAt = new Date(Date.now() - hours * 3_600_000).toISOString();
  await writeFile(path, JSON.stringify({ ...record, runs: { ...record.runs, completeAt } }));
}

describe("carrel status", () => {
  test("is OK after a run that left everything in place, and asks no server", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries });
    await run(["mirror", "Images", folder]);
    const before = simulator.journal.length;
    expect(await run(["status", folder], { VSPHERE_SERVER: "" })).toEqual({
      exitCode: 0,
      stdout: "OK: Images: 2 items (78.1 KiB), complete 0 min ago\n",
      stderr: "",
    });
    const { stdout } = await run(["status", folder, "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      type: "status",
      status: "ok",
      library: "Images",
      items: 2,
      failedRuns: 0,
    });
    expect(simulator.journal).toHaveLength(before);
  });

  test.for([
    [[], 20, 0, /^OK: .* complete 20 h ago$/mu],
    [[], 30, 1, /^WARNING: .* complete 30 h ago$/mu],
    [[], 60, 2, /^CRITICAL: .* complete 2 days ago$/mu],
    [["--max-age", "8d"], 60, 0, /^OK: /mu],
    [["--max-age", "90m"], 2, 1, /^WARNING: .* complete 2 h ago$/mu],
  ] as const)("grades the age: %j after %d hours is %d", async ([flags, hours, code, line], { simulate, folder }) => {
    const { run } = await simulate({ libraries });
    await run(["mirror", "Images", folder]);
    await age(folder, hours);
    const { exitCode, stdout } = await run(["status", folder, ...flags]);
    expect([exitCode, stdout]).toEqual([code, expect.stringMatching(line)]);
  });

  test("says what is published, and whether that is what is in place", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries });
    const root = join(folder, "images");
    await run(["mirror", "Images", root, "--publish"]);
    const published = "published as version 1 (0 min ago)";
    expect((await run(["status", root])).stdout).toMatch(
      new RegExp(`^OK: .* ago, ${published.replaceAll(/[()]/gu, "\\$&")}\n$`, "u"),
    );
    // As where a run was killed before it published.
    const before = await readFile(join(root, "items.json"));
    simulator.inventory.item("Images/ubuntu").putFile({ name: "a.iso", sizeBytes: 40_000, seed: "another" });
    simulator.inventory.library("Images").addItem(imageOf("fedora", "f.iso"));
    await run(["mirror", "Images", root]);
    await writeFile(join(root, "items.json"), before);
    expect((await run(["status", root])).stdout).toContain(", 2 items not up to date there\n");
    const { stdout } = await run(["status", root, "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      status: "ok",
      publication: { name: "Images", outdatedItems: 2, items: 2 },
    });
    await writeFile(join(root, "lib.json"), "{");
    expect(await run(["status", root])).toMatchObject({
      exitCode: 2,
      stdout: `CRITICAL: ${root}: Cannot read "lib.json": it is not a JSON object\n`,
    });

    const other = join(folder, "other");
    await mkdir(join(other, "debian"), { recursive: true });
    await writeFile(join(other, "debian", "debian.iso"), "x");
    await run(["publish", other, "--name", "Lab"]);
    const all = await run(["status", folder]);
    expect(all.stdout).toContain(`OK: Lab in ${other}: 1 item, ${published}\n`);
    expect(all.exitCode).toBe(2);
  });

  test("counts runs that fail, until one leaves everything in place", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries });
    const never = await run(["status", folder]);
    expect([never.exitCode, never.stdout]).toEqual([2, expect.stringContaining("is not a mirror")]);
    await run(["mirror", "Images", folder]);
    simulator.inventory.library("Images").addItem(imageOf("fedora", "f.iso"));
    simulator.faults.add({ on: "downloadSession.create", kind: "status", status: 400, times: "always" });
    for (const [exitCode, text] of [
      [1, "the last run failed, 1 item not in place: fedora\n"],
      [1, "the last 2 runs failed, 1 item not in place: fedora (2 runs)\n"],
      [2, "the last 3 runs failed, 1 item not in place: fedora (3 runs)\n"],
    ] as const) {
      expect((await run(["mirror", "Images", folder])).exitCode).not.toBe(0);
      const status = await run(["status", folder]);
      expect([status.exitCode, status.stdout]).toEqual([exitCode, expect.stringContaining(text)]);
    }
    simulator.faults.clear();
    await run(["mirror", "Images", folder]);
    expect(await run(["status", folder])).toMatchObject({ exitCode: 0 });
  });

  test("has a line for each of several mirrors, the worst first, also of those below a directory", async ({
    simulate,
    folder,
  }) => {
    const { run } = await simulate({
      libraries: [...libraries, { name: "Templates", items: [imageOf("p", "p.iso")] }],
    });
    await run(["mirror", "*", folder]);
    await age(join(folder, "Templates"), 30);
    const { exitCode, stdout } = await run(["status", folder]);
    expect([exitCode, stdout.replaceAll(folder, "")]).toEqual([
      1,
      "WARNING: Templates in /Templates: 1 item (39.1 KiB), complete 30 h ago\n" +
        "OK: Images in /Images: 2 items (78.1 KiB), complete 0 min ago\n",
    ]);
    const wrong = await run(["status", join(folder, "Images"), join(folder, "none"), "--json"]);
    expect(wrong.exitCode).toBe(2);
    expect(
      wrong.stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as object),
    ).toMatchObject([
      { type: "status", status: "critical", problem: "not-a-mirror", directory: join(folder, "none") },
      { type: "status", status: "ok", library: "Images", failing: [] },
    ]);
  });

  test("refuses a length of time that it cannot read", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries });
    expect(await run(["status", folder, "--max-age", "soon"])).toMatchObject({ exitCode: 2 });
  });
});
