// What is kept of a run that nobody watches.
import { chmod, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { describe, expect } from "vitest";
import { filesIn, password, test } from "./support/fixture.ts";
import { imageOf } from "./support/mirrored.ts";

const libraries = [{ name: "Images", items: [imageOf("debian", "debian.iso"), imageOf("ubuntu", "a.vmdk")] }];
const line = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z \S/u;

const linesOf = async (path: string): Promise<readonly string[]> =>
  (await readFile(path, "utf8")).trimEnd().split("\n");

describe("--quiet of get", () => {
  test("prints nothing where all is well, and failures otherwise", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries });
    const out = join(folder, "out");
    expect(await run(["get", "Images/*", "-o", out, "-q"])).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    expect(await filesIn(out)).toEqual(
      expect.arrayContaining([join("debian", "debian.iso"), join("ubuntu", "a.vmdk")]),
    );
    const failed = await run(["get", "Images/nothing", "-q"]);
    expect(failed).toMatchObject({ exitCode: 4, stdout: "", stderr: expect.stringContaining("carrel: ") as string });
  });

  test("writes a file to standard output alone", async ({ simulate }) => {
    const { run } = await simulate({ libraries });
    const { exitCode, stdout, stderr } = await run(["get", "Images/debian/debian.iso", "-o", "-", "--quiet"]);
    expect([exitCode, stdout.length > 0, stderr]).toEqual([0, true, ""]);
  });
});

describe("--log-file", () => {
  test("has each line with its time, also with --quiet, and is appended to", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries });
    const [log, out] = [join(folder, "carrel.log"), join(folder, "out")];
    const args = ["mirror", "Images", out, "--quiet", "--log-file", log];
    expect(await run(args)).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    const first = await linesOf(log);
    expect(first.filter((each) => !line.test(each))).toEqual([]);
    expect(first.at(-1)).toContain("2 of 2 items in place: 2 new");
    expect(await run(args)).toMatchObject({ exitCode: 0 });
    const both = await linesOf(log);
    expect(both.slice(0, first.length)).toEqual(first);
    expect(both.at(-1)).toContain("2 of 2 items in place: 2 unchanged");
    if (process.platform !== "win32") expect((await stat(log)).mode & 0o777).toBe(0o600);
  });

  test("has interruptions and where the file continues, which --quiet does not show", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries, faults: [{ on: "transfer", kind: "reset", atByte: 20_000 }] });
    const log = join(folder, "carrel.log");
    const args = ["get", "Images/debian", "-o", join(folder, "out"), "-q", "--log-file", log];
    expect(await run(args)).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    const text = await readFile(log, "utf8");
    expect(text).toMatch(/Z "debian\/debian\.iso" was interrupted, and continues at .*: /u);
  });

  test("has what get prints, without the password, and failures with their advice", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries });
    const log = join(folder, "carrel.log");
    const got = await run(["get", "Images/debian", "-o", join(folder, "out"), "--log-file", log, "--debug"]);
    expect(got.exitCode).toBe(0);
    const text = (await linesOf(log)).map((each) => each.replace(/^\S+ /u, ""));
    expect(text).toEqual(expect.arrayContaining(got.stdout.trimEnd().split("\n")));
    const failed = await run(["get", "Images/debia", "--log-file", log]);
    expect(failed.exitCode).toBe(4);
    const all = await readFile(log, "utf8");
    for (const each of failed.stderr.trimEnd().split("\n")) expect(all).toContain(each);
    expect(all).not.toContain(password);
  });

  test("is opened before anything is sent, and says why it cannot be", async ({ simulate, folder }) => {
    const { run, simulator } = await simulate({ libraries });
    const missing = join(folder, "none", "carrel.log");
    expect(await run(["mirror", "Images", folder, "--log-file", missing])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining(`Cannot write to the log file ${missing}: no such file or directory\n`) as string,
    });
    expect(await run(["mirror", "Images", folder, "--log-file", folder])).toMatchObject({ exitCode: 2 });
    expect(simulator.journal).toEqual([]);
    const file = join(folder, "kept.log");
    await writeFile(file, "before\n");
    await chmod(file, 0o644);
    expect(await run(["ls", "--log-file", file])).toMatchObject({ exitCode: 0 });
    expect((await linesOf(file))[0]).toBe("before");
  });
});
