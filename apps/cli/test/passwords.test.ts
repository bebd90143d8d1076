// Where a password comes from when nobody is there to type it.
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { describe, expect } from "vitest";
import { password, test } from "./support/fixture.ts";
import type { Simulated } from "./support/fixture.ts";

const libraries = [{ name: "Images" }];
const noPassword = { VSPHERE_PASSWORD: "" };

async function writeConfig(home: string, contexts: Readonly<Record<string, object>>): Promise<void> {
  await mkdir(join(home, ".config", "carrel"), { recursive: true });
  const config = { defaultContext: "lab", contexts };
  await writeFile(join(home, ".config", "carrel", "config.json"), JSON.stringify(config));
}

async function secretFile(folder: string, text = `${password}\n`, mode = 0o600): Promise<string> {
  const path = join(folder, "password");
  await writeFile(path, text);
  await chmod(path, mode);
  return path;
}

const labOf = ({ env }: Simulated): { server: string; user: string; thumbprint: string } => ({
  server: env["VSPHERE_SERVER"] ?? "",
  user: env["VSPHERE_USER"] ?? "",
  thumbprint: env["VSPHERE_THUMBPRINT"] ?? "",
});

/** An environment in which only the config file says anything. */
const unset = { VSPHERE_SERVER: "", VSPHERE_USER: "", VSPHERE_THUMBPRINT: "", VSPHERE_PASSWORD: "" };

describe("VSPHERE_PASSWORD_FILE", () => {
  test.for([
    ["with a line feed", `${password}\n`],
    ["without one", password],
    ["as Windows writes it", `\uFEFF${password}\r\n`],
    ["with a note below", `${password}\nthe reader's\n`],
  ])("is read %s", async ([, text], { simulate, folder }) => {
    const { run } = await simulate({ libraries });
    const path = await secretFile(folder, text);
    expect(await run(["ls"], { ...noPassword, HOME: folder, VSPHERE_PASSWORD_FILE: path })).toMatchObject({
      exitCode: 0,
      stderr: "",
    });
  });

  test("is weaker than VSPHERE_PASSWORD", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries });
    const path = await secretFile(folder, "wrong\n");
    expect(await run(["ls"], { HOME: folder, VSPHERE_PASSWORD_FILE: path })).toMatchObject({ exitCode: 0 });
  });

  test.for([
    ["that others can read", 0o644, /Refused to read the password file .*mode 0644.*expected mode 0600/u],
    ["that the group can read", 0o640, /mode 0640/u],
  ] as const)("is refused %s, before anything is sent", async ([, mode, message], { simulate, folder }) => {
    const { run, simulator } = await simulate({ libraries });
    const path = await secretFile(folder, `${password}\n`, mode);
    const { exitCode, stderr } = await run(["ls"], { ...noPassword, HOME: folder, VSPHERE_PASSWORD_FILE: path });
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(message)]);
    expect(simulator.journal.filter(({ operation }) => operation === "session.create")).toEqual([]);
  });

  test("may be a credential of systemd, which the group can read by an access control list", async ({
    simulate,
    folder,
  }) => {
    const { run } = await simulate({ libraries });
    const path = await secretFile(folder, password, 0o440);
    const env = { ...noPassword, HOME: folder, VSPHERE_PASSWORD_FILE: path };
    expect(await run(["ls"], env)).toMatchObject({ exitCode: 2 });
    expect(await run(["ls"], { ...env, CREDENTIALS_DIRECTORY: folder })).toMatchObject({ exitCode: 0 });
    await chmod(path, 0o444);
    expect(await run(["ls"], { ...env, CREDENTIALS_DIRECTORY: folder })).toMatchObject({ exitCode: 2 });
  });

  test.for([
    ["missing", undefined, /password: it does not exist|\(VSPHERE_PASSWORD_FILE\): it does not exist/u],
    ["empty", "", /contains no password: its first line is empty/u],
    ["empty in its first line", `\n${password}\n`, /contains no password/u],
  ] as const)("that is %s is said", async ([, text, message], { simulate, folder }) => {
    const { run } = await simulate({ libraries });
    const path = text === undefined ? join(folder, "password") : await secretFile(folder, text);
    const { exitCode, stderr } = await run(["ls"], { ...noPassword, HOME: folder, VSPHERE_PASSWORD_FILE: path });
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(message)]);
  });

  test("is enough for carrel login", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries });
    const path = await secretFile(folder);
    const env = { ...noPassword, HOME: folder, VSPHERE_PASSWORD_FILE: path };
    expect(await run(["login"], env)).toMatchObject({ exitCode: 0 });
    expect(await run(["logout"], env)).toMatchObject({ exitCode: 0 });
  });
});

describe("a context", () => {
  test("has a passwordFile, relative to the config file", async ({ simulate, folder }) => {
    const simulated = await simulate({ libraries });
    await writeConfig(folder, { lab: { ...labOf(simulated), passwordFile: "vc.password" } });
    const path = join(folder, ".config", "carrel", "vc.password");
    await writeFile(path, password, { mode: 0o600 });
    expect(await simulated.run(["ls"], { ...unset, HOME: folder })).toMatchObject({ exitCode: 0, stderr: "" });
    await chmod(path, 0o604);
    const refused = await simulated.run(["ls"], { ...unset, HOME: folder });
    expect(refused).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("mode 0604") as string });
  });

  test.for([
    ["a list", (node: string, file: string) => [node, file, "a b"]],
    ["a line without quotes", (node: string, file: string) => `${node}  ${file} `],
  ] as const)("has a passwordCommand: %s", async ([, command], { simulate, folder }) => {
    const simulated = await simulate({ libraries });
    const file = join(folder, "tell.cjs");
    await writeFile(
      file,
      `process.stderr.write("asking\\n"); console.log(${JSON.stringify(password)} + "\\nurl: vc");`,
    );
    await writeConfig(folder, { lab: { ...labOf(simulated), passwordCommand: command(process.execPath, file) } });
    expect(await simulated.run(["ls"], { ...unset, HOME: folder })).toMatchObject({ exitCode: 0, stderr: "" });
  });

  test.for([
    [
      "fails",
      'console.error("no\\u001b[2J such entry"); process.exit(3)',
      /ended with exit code 3\n.*no\\u\{1b\}\[2J such entry/u,
    ],
    ["finds no entry", "process.exit(1)", /ended with exit code 1\n {2}It wrote nothing: it may have no such entry\./u],
    ["says nothing", "", /contains no password/u],
    ["is killed", 'process.kill(process.pid, "SIGTERM")', /was ended by SIGTERM/u],
  ] as const)("has a passwordCommand that %s", async ([, code, message], { simulate, folder }) => {
    const simulated = await simulate({ libraries });
    await writeConfig(folder, { lab: { ...labOf(simulated), passwordCommand: [process.execPath, "-e", code] } });
    const { exitCode, stderr } = await simulated.run(["ls"], { ...unset, HOME: folder });
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(message)]);
  });

  test.for([
    [["/nowhere/pass", "x"], /Cannot get the password from "\/nowhere\/pass" .*: no such program/u],
    ["pass show 'vc lab'", /characters that only a shell understands/u],
    [["pass", 1], /must be a command, or a list/u],
    ["", /must be a command, or a list/u],
  ] as const)("with passwordCommand %j is refused", async ([passwordCommand, message], { simulate, folder }) => {
    const simulated = await simulate({ libraries });
    await writeConfig(folder, { lab: { ...labOf(simulated), passwordCommand } });
    const { exitCode, stderr } = await simulated.run(["ls"], { ...unset, HOME: folder });
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(message)]);
  });

  test("has the password for carrel login too", async ({ simulate, folder }) => {
    const simulated = await simulate({ libraries });
    const passwordFile = await secretFile(folder);
    await writeConfig(folder, { lab: { ...labOf(simulated), passwordFile } });
    const home = { ...unset, HOME: folder };
    expect(await simulated.run(["login"], home)).toMatchObject({ exitCode: 0 });
    expect(await simulated.run(["logout"], home)).toMatchObject({ exitCode: 0 });
  });

  test("never gives its password to another server or user", async ({ simulate, folder }) => {
    const simulated = await simulate({ libraries });
    const other = await simulate({ libraries });
    const passwordFile = await secretFile(folder);
    await writeConfig(folder, { lab: { ...labOf(simulated), passwordFile } });
    const home = { ...unset, HOME: folder };
    const elsewhere = await other.run(
      ["ls", "--server", labOf(other).server, "--thumbprint", labOf(other).thumbprint],
      home,
    );
    expect(elsewhere).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("No password given") as string });
    const somebody = await simulated.run(["ls", "--user", "root@vsphere.local"], home);
    expect(somebody).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("No password given") as string });
    const logins = [...other.simulator.journal, ...simulated.simulator.journal].filter(
      ({ operation }) => operation === "session.create",
    );
    expect(logins).toEqual([]);
  });
});

describe("a saved session that the server has ended", () => {
  test("is replaced for the run by the password at hand, without a word", async ({ simulate, folder }) => {
    const simulated = await simulate({ libraries });
    const passwordFile = await secretFile(folder);
    await writeConfig(folder, { lab: { ...labOf(simulated), passwordFile } });
    const home = { ...unset, HOME: folder };
    expect(await simulated.run(["login"], { ...home, VSPHERE_PASSWORD: password })).toMatchObject({ exitCode: 0 });
    expect(await simulated.run(["ls"], home)).toMatchObject({ exitCode: 0, stderr: "" });
    simulated.simulator.expireApiSessions();
    expect(await simulated.run(["ls"], home)).toMatchObject({ exitCode: 0, stderr: "" });
    expect(simulated.simulator.openApiSessions).toEqual([]);
  });
});
