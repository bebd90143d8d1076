// Named settings, and what a saved session saves one from repeating.
import { chmod, mkdir, readdir, readFile, stat, symlink, lstat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { test } from "./support/fixture.ts";
import { runCli } from "./support/run-cli.ts";

const libraries = [{ name: "Images" }];
const unset = { VSPHERE_SERVER: "", VSPHERE_USER: "", VSPHERE_THUMBPRINT: "" };

const configOf = (home: string): string => join(home, ".config", "carrel", "config.json");

async function writeConfig(home: string, config: unknown): Promise<void> {
  await mkdir(join(home, ".config", "carrel"), { recursive: true });
  await writeFile(configOf(home), typeof config === "string" ? config : JSON.stringify(config));
}

async function readConfig(home: string): Promise<unknown> {
  return JSON.parse(await readFile(configOf(home), "utf8"));
}

describe("carrel context", () => {
  test("add saves a context in a private file, and the first one becomes the default", async ({ folder }) => {
    const home = { HOME: folder };
    const user = "reader@vsphere.local";
    expect(await runCli(["context", "add", "lab", "--server", "https://vc/ui/", "--user", user], home)).toEqual({
      exitCode: 0,
      stdout: 'Saved as context "lab", the default.\n',
      stderr: "",
    });
    expect(await runCli(["context", "add", "prod", "--server", "vc2:8443"], home)).toMatchObject({
      stdout: 'Saved as context "prod".\n',
    });
    expect(await readConfig(folder)).toEqual({
      defaultContext: "lab",
      contexts: { lab: { server: "vc", user }, prod: { server: "vc2:8443" } },
    });
    expect((await stat(configOf(folder))).mode & 0o777).toBe(0o600);
    expect(await readdir(join(folder, ".config", "carrel"))).toEqual(["config.json"]);
    const again = await runCli(["context", "add", "lab", "--server", "vc3"], home);
    expect([again.exitCode, again.stderr]).toEqual([2, expect.stringContaining('Context "lab" exists')]);
    expect(await runCli(["context", "add", "lab", "--server", "vc3", "--replace", "--default"], home)).toMatchObject({
      exitCode: 0,
    });
    expect(await readConfig(folder)).toMatchObject({ contexts: { lab: { server: "vc3" } } });
    expect(await readConfig(folder)).not.toHaveProperty("contexts.lab.user");
  });

  test("ls, use, show and rm", async ({ folder }) => {
    const home = { HOME: folder };
    const passwordCommand = ["pass", "show", "hunter2"];
    const lab = { server: "vc", user: "u\u001b[2J", passwordCommand };
    await writeConfig(folder, { contexts: { lab, prod: { server: "vc2", wire: "rest" } }, defaultContext: "prod" });
    const { stdout } = await runCli(["context", "ls"], home);
    expect(stdout.split("\n").map((line) => line.replaceAll(/ {2,}/gu, "|"))).toEqual([
      expect.stringMatching(/NAME\|USER\|SERVER$/u),
      String.raw`|lab|u\u{1b}[2J|vc`,
      "*|prod|vc2",
      "",
    ]);
    const json = await runCli(["context", "ls", "--json"], home);
    expect(
      json.stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      { type: "context", name: "lab", isDefault: false, server: "vc", user: "u\u001b[2J", passwordCommand: ["pass"] },
      { type: "context", name: "prod", isDefault: true, server: "vc2", wire: "rest" },
    ]);
    expect(await runCli(["context", "show"], home)).toMatchObject({
      stdout: "context: prod (the default)\nserver: vc2\nwire: rest\n",
    });
    const shown = await runCli(["context", "show"], { ...home, CARREL_CONTEXT: "lab" });
    expect(shown.stdout).toContain("context: lab\nserver: vc\n");
    expect(shown.stdout).toContain("password: from the program pass\n");
    expect(shown.stdout).not.toContain("hunter2");
    expect(await runCli(["context", "use", "lab"], home)).toMatchObject({
      stdout: 'Context "lab" is the default now.\n',
    });
    expect(await runCli(["context", "use", "lub"], home)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("Did you mean lab?") as string,
    });
    expect(await runCli(["context", "rm", "lab"], home)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("Pass --yes to proceed.") as string,
    });
    expect(await runCli(["context", "rm", "nope", "--yes"], home)).toMatchObject({ exitCode: 4 });
    expect(await runCli(["context", "rm", "lab", "--yes"], home)).toMatchObject({
      stdout: 'Context "lab" removed. No context is the default now.\n',
    });
    expect(await readConfig(folder)).toEqual({ contexts: { prod: { server: "vc2", wire: "rest" } } });
    expect(await runCli(["context", "show"], home)).toMatchObject({ exitCode: 4 });
  });

  test("replaces the file that a link leads to", async ({ folder }) => {
    const target = join(folder, "elsewhere.json");
    await writeConfig(folder, {});
    await writeFile(target, "{}");
    const linked = join(folder, "linked");
    await mkdir(join(linked, ".config", "carrel"), { recursive: true });
    await symlink(target, configOf(linked));
    expect(await runCli(["context", "add", "lab", "--server", "vc"], { HOME: linked })).toMatchObject({ exitCode: 0 });
    expect((await lstat(configOf(linked))).isSymbolicLink()).toBe(true);
    expect(JSON.parse(await readFile(target, "utf8"))).toMatchObject({ defaultContext: "lab" });
  });

  test.for(['{ "contexts": ', '{ "contexts": { "lab": { "sever": "vc" } } }', "[]"])(
    "add leaves a file alone that is wrong: %s",
    async (text, { folder }) => {
      await writeConfig(folder, text);
      const { exitCode, stderr } = await runCli(["context", "add", "lab", "--server", "vc"], { HOME: folder });
      expect([exitCode, stderr]).toEqual([2, expect.stringContaining("config.json")]);
      expect(await readFile(configOf(folder), "utf8")).toBe(text);
    },
  );

  test.for([
    [["--x", "--server", "vc"], "Unknown option"],
    [["a b", "--server", "vc"], "Invalid name of a context"],
    [["__proto__", "--server", "vc"], "Invalid name of a context"],
    [["lab"], "Required option '--server <host>'"],
    [["lab", "--server", "vc/elsewhere"], "Invalid server address"],
    [["lab", "--server", "vc", "--thumbprint", "12"], "Invalid thumbprint"],
    [["lab", "--server", "vc", "--password-file", "a", "--password-command", "b"], "Cannot combine --password-file"],
    [["lab", "--server", "vc", "--password-command", "pass 'a b'"], "characters that only a shell understands"],
  ] as const)("add refuses %j", async ([args, message], { folder }) => {
    const { exitCode, stderr } = await runCli(["context", "add", ...args], { HOME: folder });
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(message)]);
    expect(await readdir(folder)).toEqual([]);
  });

  test("adds that run at the same time all last", async ({ folder }) => {
    const names = Array.from({ length: 8 }, (_, index) => `lab${index}`);
    await Promise.all(names.map((name) => runCli(["context", "add", name, "--server", "vc"], { HOME: folder })));
    const { contexts } = (await readConfig(folder)) as { readonly contexts: object };
    expect(Object.keys(contexts).toSorted()).toEqual(names);
  });

  test("add does not write where others may write", async ({ folder }) => {
    await writeConfig(folder, {});
    await chmod(join(folder, ".config", "carrel"), 0o777);
    expect(await runCli(["context", "add", "lab", "--server", "vc"], { HOME: folder })).toMatchObject({ exitCode: 1 });
    expect(await readConfig(folder)).toEqual({});
  });
});

describe("a context is chosen", () => {
  test("by --context before the command or after it, and by CARREL_CONTEXT", async ({ simulate, folder }) => {
    const { env, run } = await simulate({ libraries });
    const other = await simulate({ libraries: [{ name: "Other" }] });
    const layer = (from: Readonly<Record<string, string>>): object => ({
      server: from["VSPHERE_SERVER"],
      user: from["VSPHERE_USER"],
      thumbprint: from["VSPHERE_THUMBPRINT"],
    });
    await writeConfig(folder, { defaultContext: "lab", contexts: { lab: layer(env), prod: layer(other.env) } });
    const home = { ...unset, HOME: folder };
    for (const args of [
      ["--context", "prod", "ls"],
      ["--context=prod", "ls"],
      ["ls", "--context", "prod"],
      ["--context", "lab", "ls", "--context", "prod"],
    ]) {
      expect((await run(args, home)).stdout).toContain("Other");
    }
    expect((await run(["ls"], { ...home, CARREL_CONTEXT: "prod" })).stdout).toContain("Other");
    expect((await run(["ls"], { HOME: folder, CARREL_CONTEXT: "prod" })).stdout).toContain("Other");
    expect((await run(["--context", "lab", "ls"], { ...home, CARREL_CONTEXT: "prod" })).stdout).toContain("Images");
    expect((await run(["ls"], { ...home, CARREL_CONTEXT: "" })).stdout).toContain("Images");
    expect(await run(["ls"], { ...home, CARREL_CONTEXT: "nope" })).toMatchObject({ exitCode: 2 });
    expect(await run(["--context", "", "ls"], home)).toMatchObject({ exitCode: 2 });
    const all = ["--server", env["VSPHERE_SERVER"] ?? "", "--user", env["VSPHERE_USER"] ?? "", "--wire", "api"];
    const pinned = ["--thumbprint", env["VSPHERE_THUMBPRINT"] ?? ""];
    expect((await run([...all, ...pinned, "ls"], { ...home, CARREL_CONTEXT: "prod" })).stdout).toContain("Images");
  });

  test("not for a command that connects to no server", async () => {
    for (const args of [
      ["--context", "lab", "completion", "bash"],
      ["--server", "vc", "demo"],
      ["--wire", "api", "sim"],
    ]) {
      const { exitCode, stderr } = await runCli(args);
      expect([exitCode, stderr]).toEqual([2, expect.stringContaining(`Unknown option '${args[0]}'`)]);
    }
  });
});

describe("a saved session", () => {
  test("names the server, for every command, while it is the only one", async ({ simulate, folder }) => {
    const first = await simulate({ libraries });
    const second = await simulate({ libraries });
    const home = { ...unset, HOME: folder, VSPHERE_PASSWORD: "" };
    const trusted = { HOME: folder, VSPHERE_THUMBPRINT: "" };
    for (const { run, simulator } of [first, second]) {
      expect(await run(["trust", "--yes", simulator.url.host], trusted)).toMatchObject({ exitCode: 0 });
    }
    expect(await first.run(["ls"], home)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("No vCenter given") as string,
    });
    expect(await first.run(["login"], trusted)).toMatchObject({ exitCode: 0 });
    expect(await first.run(["ls"], home)).toMatchObject({ exitCode: 0, stderr: "" });
    const traced = await first.run(["ls", "--debug"], home);
    expect(traced.stderr).toContain('(the only saved session of "carrel login")');
    // The same user logs in again, with a password only.
    expect(await first.run(["login"], { ...unset, HOME: folder })).toMatchObject({ exitCode: 0, stderr: "" });
    expect(first.simulator.openApiSessions).toHaveLength(1);

    expect(await second.run(["login"], trusted)).toMatchObject({ exitCode: 0 });
    const { exitCode, stderr } = await first.run(["ls"], home);
    const hosts = [first, second].map(({ simulator }) => simulator.url.host).join(" and ");
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(`Sessions are saved for ${hosts}.`)]);
    expect(await second.run(["logout"], { ...home, VSPHERE_SERVER: second.simulator.url.host })).toMatchObject({
      exitCode: 0,
    });
    expect(await first.run(["logout"], home)).toMatchObject({ exitCode: 0 });
  });

  test("may be saved with a context, which names no other server or user later", async ({ simulate, folder }) => {
    const { simulator, env, run } = await simulate({ libraries });
    const home = { HOME: folder };
    const login = await run(["login", "--save", "lab"], home);
    expect(login).toMatchObject({ exitCode: 0, stderr: "" });
    expect(login.stdout.split("\n")[1]).toBe('Saved as context "lab", the default.');
    const lab = { server: simulator.url.host, user: env["VSPHERE_USER"], thumbprint: env["VSPHERE_THUMBPRINT"] };
    expect(await readConfig(folder)).toEqual({ defaultContext: "lab", contexts: { lab } });
    expect(await run(["ls"], { ...unset, ...home, VSPHERE_PASSWORD: "" })).toMatchObject({ exitCode: 0, stderr: "" });

    await writeConfig(folder, { defaultContext: "lab", contexts: { lab: { ...lab, passwordFile: "p" } } });
    expect(await run(["login", "--save", "lab"], home)).toMatchObject({ exitCode: 0 });
    expect(await readConfig(folder)).toMatchObject({ contexts: { lab: { ...lab, passwordFile: "p" } } });
    const other = await run(["login", "--save", "lab", "--user", "somebody"], home);
    expect([other.exitCode, other.stderr]).toEqual([2, expect.stringContaining('Context "lab" exists, for ')]);
    const second = await run(["login", "--save", "two"], home);
    expect(second.stdout).toContain('Saved as context "two". To make it the default: carrel context use two\n');
    expect(await run(["logout"], home)).toMatchObject({ exitCode: 0 });
  });
});
