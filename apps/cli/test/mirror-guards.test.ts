import { join } from "node:path";
import { describe, expect, test as plain } from "vitest";
import { parseSince } from "../src/settings/parse-values.ts";
import { filesIn, test } from "./support/fixture.ts";
import { eventsOf, imageOf } from "./support/mirrored.ts";

const libraries = [{ name: "Images", items: [imageOf("debian", "debian.iso"), imageOf("ubuntu", "a.iso")] }];

describe("carrel mirror", () => {
  test("--max-delete refuses before anything changes, with advice", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries });
    await run(["mirror", "Images", folder]);
    simulator.inventory.item("Images/debian").remove();
    const args = ["mirror", "Images", folder, "--delete", "--max-delete", "0"];
    const refused = await run(args);
    expect(refused).toMatchObject({ exitCode: 1, stdout: "" });
    expect(refused.stderr).toBe(
      `carrel: Cannot delete 1 item that no longer exists on the server from "${folder}": at most 0 may be deleted\n` +
        "  Nothing was changed. See which: --dry-run. If they are really to go, run it with a larger --max-delete.\n",
    );
    const planned = await run([...args, "--dry-run"]);
    expect([planned.exitCode, planned.stdout]).toEqual([1, expect.stringContaining("debian")]);
    expect((await run([...args.slice(0, -1), "1"])).stdout).toContain("1 deleted");
  });

  test("--include, --exclude, --type and --newer-than choose items", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries });
    const { stdout } = await run([
      "mirror",
      "Images",
      folder,
      "--include",
      "deb*",
      "--include",
      "ubu*",
      "--exclude",
      "ubuntu",
    ]);
    expect(stdout).toMatch(/^1 of 1 item in place: 1 new, 0 unchanged, 1 not selected; /mu);
    expect((await run(["mirror", "Images", folder, "--type", "ovf"])).stdout).toContain("2 not selected");
    expect((await run(["mirror", "Images", folder, "--newer-than", "2100-01-01"])).stdout).toContain("2 not selected");
    expect((await run(["mirror", "Images", folder, "--newer-than", "1d"])).stdout).toContain("2 of 2 items in place");
  });

  test.for([
    [["--max-delete", "3"], /--max-delete has no effect without --delete/u],
    [["--delete", "--max-delete", "-1"], /--max-delete: invalid value "-1"/u],
    [["--newer-than", "yesterday"], /--newer-than: invalid value "yesterday"/u],
  ] as const)("refuses %j", async ([flags, message], { simulate, folder }) => {
    const { run } = await simulate({ libraries });
    const { exitCode, stderr } = await run(["mirror", "Images", folder, ...flags]);
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(message)]);
  });
});

plain.for([
  ["90m", "2026-11-28T10:30:00.000Z"],
  ["12h", "2026-11-28T00:00:00.000Z"],
  ["1.5d", "2026-11-27T00:00:00.000Z"],
  ["2w", "2026-11-14T12:00:00.000Z"],
  ["2026-11-01", "2026-11-01T00:00:00.000Z"],
  ["2026-11-01T08:00:00+02:00", "2026-11-01T06:00:00.000Z"],
])("parseSince reads %s", ([text = "", expected]) => {
  expect(parseSince(text, "--newer-than", Date.parse("2026-11-28T12:00:00Z")).toISOString()).toBe(expected);
});

plain.for(["", "1", "1y", "-1d", "2026-13-01", "2026", "99999999999w", "1e3d"])("parseSince refuses %j", (text) => {
  expect(() => parseSince(text, "--newer-than", Date.now())).toThrow(/invalid value/u);
});

describe("carrel mirror --backup-dir and --delete-after", () => {
  test("keep what is gone or replaced, and say where and until when", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries });
    const root = join(folder, "images");
    const before = join(folder, "before");
    const args = ["mirror", "Images", root, "--delete", "--backup-dir", before];
    await run(args);
    simulator.inventory.item("Images/debian").remove();
    simulator.inventory.item("Images/ubuntu").putFile({ name: "a.iso", sizeBytes: 50_000, seed: "new" });
    const planned = await run([...args, "--delete-after", "7d", "--dry-run"]);
    expect(planned.stdout).toMatch(/^kept .+ debian {2}\(gone; deleted after \d{4}-\d\d-\d\d \d\d:\d\d\)$/mu);
    const { stdout } = await run([...args, "--delete-after", "7d"]);
    expect(stdout).toContain(
      `1 of 1 item in place: 1 changed, 0 unchanged, 1 gone and kept for now, 1 file (39.1 KiB) kept in ${before}/`,
    );
    const last = eventsOf((await run([...args, "--json"])).stdout).at(-2);
    expect(last).toMatchObject({ type: "done", deleted: 1, backup: { files: 1, sizeBytes: 40_000 } });
    const kept = (await filesIn(before)).map((path) => path.split("/").slice(1).join("/"));
    expect(kept.toSorted()).toEqual(["debian/debian.iso", "ubuntu/a.iso"]);
  });

  test("of several libraries have a directory for each", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries });
    const before = join(folder, ".before");
    const args = ["mirror", "Imag*", folder, "--delete", "--backup-dir", before];
    await run(args);
    simulator.inventory.item("Images/debian").remove();
    await run(args);
    expect(await filesIn(before)).toEqual([expect.stringMatching(/^Images\/[^/]+Z\/debian\/debian\.iso$/u)]);
  });

  test.for([
    [["--delete-after", "7d"], /--delete-after has no effect without --delete/u],
    [["--delete", "--delete-after", "soon"], /--delete-after: invalid value "soon"/u],
    [["--delete", "--delete-after", "99999999w"], /--delete-after: invalid value "99999999w"/u],
    [["--backup-dir", "inside"], /--backup-dir: ".+" is inside the mirror /u],
  ] as const)("refuse %j", async ([flags, message], { simulate, folder }) => {
    const { run } = await simulate({ libraries });
    const [flag, value, ...rest] = flags;
    const given = flag === "--backup-dir" ? [flag, join(folder, value)] : [flag, value, ...rest];
    const { exitCode, stderr } = await run(["mirror", "Images", folder, ...given]);
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(message)]);
  });
});
