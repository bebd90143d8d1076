// What comes first when a server is met: its name, the connection, its certificate, and only then what is missing for a login.
import { describe, expect } from "vitest";
import { test } from "./support/fixture.ts";
import { runCli } from "./support/run-cli.ts";

const libraries = [{ name: "Images" }];

const nowhere = { VSPHERE_SERVER: "vc.nowhere.invalid" };
const commands = [
  ["ls"],
  ["get", "Images/x"],
  ["login", "--user", "reader@vsphere.local"],
  ["login"],
  ["sessions", "ls"],
];

describe("without a login and without a terminal", () => {
  test.for(commands.map((args) => ({ args })))("$args: a name that does not resolve comes first", async ({ args }) => {
    const { exitCode, stderr } = await runCli(args, nowhere);
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/^carrel: No answer from .*ENOTFOUND/u)]);
  });

  test.for(commands.flatMap((args) => [{ args }, { args: [...args, "--wire", "api"] }]))(
    "$args: a certificate that is not known comes first, and nothing is sent",
    async ({ args }, { simulate }) => {
      const { run, simulator } = await simulate({ libraries });
      const bare = { VSPHERE_USER: "", VSPHERE_PASSWORD: "", VSPHERE_THUMBPRINT: "" };
      const { exitCode, stdout, stderr } = await run(args, bare);
      expect([exitCode, stdout]).toEqual([6, ""]);
      expect(stderr).toMatch(/^carrel: The certificate of .*self-signed/u);
      expect(stderr).toContain(`carrel trust ${simulator.url.host}`);
      expect(simulator.journal).toEqual([]);
    },
  );

  test.for([
    [["ls"], { VSPHERE_USER: "" }, /^carrel: No user name given\n {2}Pass --user/u],
    [["ls"], { VSPHERE_PASSWORD: "" }, /^carrel: No password given\n {2}Set VSPHERE_PASSWORD/u],
    [["ls", "--wire", "api"], { VSPHERE_PASSWORD: "" }, /^carrel: No password given\n {2}Set VSPHERE_PASSWORD/u],
    [["login"], { VSPHERE_USER: "" }, /^carrel: No user name given\n {2}Pass --user/u],
    [["login"], { VSPHERE_PASSWORD: "" }, /^carrel: Cannot ask for the password: standard input is not a terminal\n/u],
  ] as const)(
    "%s with %j says what is missing, after one request without a login",
    async ([args, env, message], { simulate }) => {
      const { run, simulator } = await simulate({ libraries });
      const { exitCode, stderr } = await run(args, env);
      expect([exitCode, stderr]).toEqual([2, expect.stringMatching(message)]);
      expect(simulator.journal.map(({ operation }) => operation)).toEqual(["library.list"]);
    },
  );
});

describe("with a login", () => {
  test.for([
    [[], 4],
    [["--wire", "api"], 3],
  ] as const)("ls %j costs no request more than what it needs", async ([flags, count], { simulate }) => {
    const { run, simulator } = await simulate({ libraries: [] });
    expect(await run(["ls", ...flags])).toMatchObject({ exitCode: 0 });
    expect(simulator.journal.map(({ operation }) => operation)).toHaveLength(count);
  });
});

describe("connection flags", () => {
  test("may come between a group and its command; the nearest one counts", async ({ simulate }) => {
    const { run, env } = await simulate({ libraries });
    const server = env["VSPHERE_SERVER"] ?? "";
    const bare = { VSPHERE_SERVER: "" };
    for (const args of [
      ["sessions", "--server", server, "ls"],
      ["--server", "vc.nowhere.invalid", "sessions", "--server", server, "ls"],
      ["sessions", "--server", "vc.nowhere.invalid", "ls", "--server", server],
    ]) {
      expect(await run(args, bare)).toMatchObject({ exitCode: 0, stderr: "This user has no download sessions.\n" });
    }
    const empty = await run(["sessions", "--server", "", "ls"], bare);
    expect([empty.exitCode, empty.stderr]).toEqual([2, expect.stringContaining("--server is empty")]);
    const password = await run(["sessions", "--password", "hunter2", "ls"]);
    expect([password.exitCode, password.stderr]).toEqual([2, expect.stringContaining("--password")]);
    expect(password.stderr).not.toContain("hunter2");
  });
});
