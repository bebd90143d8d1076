// How much a command says: one meaning of --quiet and --verbose for all of them.
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { test } from "./support/fixture.ts";
import { imageOf } from "./support/mirrored.ts";

const libraries = [{ name: "Images", items: [imageOf("debian", "debian.iso")] }];
const silent = { exitCode: 0, stdout: "", stderr: "" };

describe("--quiet", () => {
  test("before or after a command hides what it reports, and not what was asked for", async ({ simulate, folder }) => {
    const { env, run } = await simulate({ libraries });
    const home = { HOME: folder };
    expect(await run(["-q", "get", "Images/debian", "-o", join(folder, "out")])).toEqual(silent);
    expect(await run(["login", "--quiet", "--save", "lab"], home)).toEqual(silent);
    expect(await run(["context", "use", "lab", "-q"], home)).toEqual(silent);
    expect(await run(["-q", "context", "ls"], home)).toMatchObject({
      stdout: expect.stringContaining("lab") as string,
    });
    expect(await run(["sessions", "prune", "-q", "--yes"], home)).toEqual(silent);
    expect(await run(["-q", "logout"], home)).toEqual(silent);
    expect(await run(["trust", env["VSPHERE_SERVER"] ?? "", "--yes", "-q"], home)).toEqual(silent);
    const [listed, quietly] = [await run(["ls", "Images"]), await run(["ls", "Images", "-q"])];
    expect(quietly).toEqual(listed);
    expect(listed.stdout).toContain("debian");
  });

  test("of verify and doctor shows only what is bad", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries });
    const out = join(folder, "out");
    await run(["get", "Images/debian", "-o", out, "-q"]);
    expect(await run(["verify", out, "--quiet"])).toEqual(silent);
    await writeFile(join(out, "debian.iso"), "changed");
    const changed = await run(["verify", out, "--quiet"]);
    expect(changed).toMatchObject({ exitCode: 5, stderr: "" });
    expect(changed.stdout).toMatch(/^ +7 B {2}CHANGED .*debian\.iso[^\n]*\n$/u);
    expect(await run(["doctor", "-q"])).toEqual(silent);
    const refused = await run(["doctor", "-q"], { VSPHERE_PASSWORD: "wrong" });
    expect(refused.exitCode).toBe(3);
    expect(refused.stdout).toMatch(/^failure {2}login /u);
  });
});

describe("--verbose", () => {
  test("shows settings, requests and transfers in a line each, without details and secrets", async ({
    simulate,
    folder,
  }) => {
    const { simulator, run } = await simulate({ libraries, faults: [{ on: "item.get", kind: "status", status: 503 }] });
    const { exitCode, stderr } = await run(["-v", "get", "Images/debian", "-o", folder]);
    expect(exitCode).toBe(0);
    const lines = stderr.split("\n").filter((line) => line.startsWith("verbose: "));
    expect(lines[0]).toBe(`verbose: server: ${simulator.url.origin} (VSPHERE_SERVER)`);
    expect(lines).toContain("verbose: logged in");
    expect(lines).toContainEqual(expect.stringMatching(/^verbose: downloadSession\.create: 20\d in \d+ ms$/u));
    expect(lines).toContainEqual(expect.stringMatching(/^verbose: transfer \d+, "debian\.iso": starts at byte 0$/u));
    expect(stderr).not.toMatch(/\{"|https?:\/\/\S+\/\S/u);
  });

  test("with --quiet and --log-file goes to the file alone", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries });
    const log = join(folder, "carrel.log");
    expect(await run(["get", "Images/debian", "-o", join(folder, "out"), "-qv", "--log-file", log])).toEqual(silent);
    expect(await readFile(log, "utf8")).toMatch(/Z verbose: logged in\n/u);
    await rm(log);
  });

  test("leaves stack traces to --debug", async ({ simulate }) => {
    const { run } = await simulate({ libraries });
    const verbose = await run(["ls", "Nothing", "-v"]);
    expect(verbose.stderr).not.toContain("debug: ");
    expect(verbose.stderr).not.toMatch(/^\S*\s+at /mu);
    const debugged = await run(["ls", "Nothing", "--debug"]);
    expect(debugged.stderr).toContain("debug: CliError: ");
  });
});
