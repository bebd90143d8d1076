import { expect } from "vitest";
import { filesIn, test } from "./support/fixture.ts";
import { runBuilt, runCli } from "./support/run-cli.ts";

test("the demo downloads, verifies, says where the files are, and leaves no session", async ({ folder: parent }) => {
  const { exitCode, stdout, stderr } = await runBuilt(["demo"], { TMPDIR: parent, TEMP: parent });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  const folder = /^Saved to (.+)$/mu.exec(stdout)?.[1] ?? "";
  const files = await filesIn(folder);
  expect(files).toHaveLength(5);
  const lines = stdout.split("\n").filter((line) => / {2}verified by checksum +(?:[\d.]+ \w+\/s)? {2}/u.test(line));
  expect(new Set(lines.map((line) => line.split(" ").at(-1)))).toEqual(new Set(files));
  expect(stdout).toMatch(/^5 files, 136\.0 MiB in [\d.]+ s \([\d.]+ MiB\/s\), all verified by checksum\.$/mu);
  expect(stdout).toContain("No session is left open on the server");
});

test("demo --publish shows what a subscriber sees before and after a change", async ({ folder: parent }) => {
  const { exitCode, stdout, stderr } = await runBuilt(["demo", "--publish"], { TMPDIR: parent, TEMP: parent });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(stdout).toMatch(/^Served at https:\/\/127\.0\.0\.1:\d+\/lib\.json, as by carrel serve\./mu);
  expect(stdout).toMatch(/published as version 1 \(1 added\)[^]*published as version 2 \(1 changed\)/u);
  expect(stdout).toMatch(
    /^ {2}"Images", version 2: 1 item\n {2}workbench, version 2\n +10 B {2}workbench~v\d\/release-notes\.txt$/mu,
  );
});

test("--version says the version, and --help shows examples", async () => {
  expect(await runCli(["--version"])).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/u),
  });
  for (const command of ["get", "ls", "sessions"]) {
    const { exitCode, stdout } = await runCli([command, "--help"]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain("Examples:");
  }
});
