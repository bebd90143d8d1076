import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect } from "vitest";
import { readFleetDocument } from "@carrel/fleet/document";
import { filesIn, test } from "./support/fixture.ts";
import { runCli } from "./support/run-cli.ts";

const bad = `database: postgres://fleet:hunter2@db/fleet
vcenters:
  lab: { context: lab, transfer: 2 }
targets:
  nfs: { path: /srv }
mirrors:
  nightly: { vcenter: lab, library: Images, target: nsf, cron: 0 0 30 2 * }
`;

describe("carrel fleet", () => {
  test("init writes a document that is right, with its schema beside it, and replaces no document", async ({
    folder,
  }) => {
    const directory = join(folder, "new");
    expect(await runCli(["fleet", "init", directory])).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining("carrel fleet apply"),
    });
    expect(await filesIn(directory)).toEqual(["fleet.schema.json", "fleet.yaml"]);
    const text = await readFile(join(directory, "fleet.yaml"), "utf8");
    expect(readFleetDocument(text).mistakes).toEqual([]);
    expect(text).toMatch(/^# yaml-language-server: \$schema=\.\/fleet\.schema\.json\n/u);
    const again = await runCli(["fleet", "init", directory]);
    expect(again).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("exists already") });
  });

  test("apply shows all mistakes of a document with their places, and no secret", async ({ folder }) => {
    const path = join(folder, "fleet.yaml");
    await writeFile(path, bad);
    const { exitCode, stdout, stderr } = await runCli(["fleet", "apply", path, "--yes"], { HOME: folder });
    expect([exitCode, stdout]).toEqual([2, ""]);
    expect(stderr.split("\n")).toEqual([
      `${path}:1:11: database: The URL of the database contains a password`,
      `${path}:3:8: vcenters.lab: The key "transfers" is missing`,
      `${path}:3:24: vcenters.lab.transfer: There is no key "transfer" here (did you mean "transfers"?)`,
      `${path}:7:53: mirrors.nightly.target: There is no target "nsf" in this document (did you mean "nfs"?)`,
      `${path}:7:64: mirrors.nightly.cron: "0 0 30 2 *" never fires: there is no day "30" in month "2"`,
      `carrel: ${path} has 5 mistakes: nothing was applied`,
      expect.stringContaining("  A context, the environment or a file holds what is secret"),
      "",
    ]);
    expect(stderr).not.toContain("hunter2");
    const json = await runCli(["fleet", "apply", path, "--yes", "--json"], { HOME: folder });
    const lines = json.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as object);
    expect(lines).toHaveLength(6);
    expect(lines[2]).toMatchObject({ type: "mistake", file: path, line: 3, column: 24, problem: "unknown-key" });
    expect(lines[5]).toMatchObject({ type: "error", error: { code: "USAGE", exitCode: 2 } });
    // Nothing was created: neither a database nor a memory of it.
    expect(await filesIn(folder)).toEqual(["fleet.yaml"]);
  });

  test("refuses a document that is not there, and a database that is none", async ({ folder }) => {
    const missing = await runCli(["fleet", "apply", join(folder, "none.yaml")], { HOME: folder });
    expect(missing).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("carrel fleet init") });
    const elsewhere = await runCli(["fleet", "status"], { HOME: folder, CARREL_FLEET_DATABASE: "mysql://db" });
    expect(elsewhere).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("Write it as postgres://HOST/DATABASE"),
    });
    const full = await runCli(["fleet", "status"], {
      HOME: folder,
      CARREL_FLEET_DATABASE: fileURLToPath(new URL(".", import.meta.url)),
    });
    expect(full).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("with other things in it") });
    const watch = await runCli(["fleet", "status", "--watch"], { HOME: folder });
    expect(watch).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("--watch --json") });
  });
});
