import { spawn } from "node:child_process";
import type { StdioOptions } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { chmod, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { text as textOf } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { describe, expect, test as plain } from "vitest";
import { parseServer, parseThumbprint } from "../src/settings/parse-values.ts";
import { password, test } from "./support/fixture.ts";

const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const libraries = [{ name: "Images", items: [{ name: "debian", files: [{ name: "a.iso", sizeBytes: 5_000 }] }] }];

async function writeConfig(home: string, config: unknown): Promise<void> {
  await mkdir(join(home, ".config", "carrel"), { recursive: true });
  await writeFile(join(home, ".config", "carrel", "config.json"), JSON.stringify(config));
}

describe("addresses", () => {
  plain.for([
    ["vc.example.com", "https://vc.example.com"],
    ["vc.example.com:8443", "https://vc.example.com:8443"],
    [" https://vc.example.com/ui/ ", "https://vc.example.com"],
    ["https://vc.example.com/sdk", "https://vc.example.com"],
    ["http://vc", "http://vc"],
    ["10.0.0.7", "https://10.0.0.7"],
    ["2001:db8::7", "https://[2001:db8::7]"],
    ["[2001:db8::7]:8443", "https://[2001:db8::7]:8443"],
  ])("%s is %s", ([text, origin]) => {
    expect(parseServer(text ?? "").origin).toBe(origin);
  });

  plain.for(["", "ftp://vc", "https://", "vc/elsewhere", "https://vc?x=y", "https://u:p@vc", "a b"])(
    "%j is none",
    (text) => {
      expect(() => parseServer(text)).toThrow(/server address|address of a server/u);
    },
  );

  plain("thumbprints in any usual form", () => {
    expect(parseThumbprint("aa".repeat(20))).toBe(`${"AA:".repeat(19)}AA`);
    expect(parseThumbprint(`${"aB:".repeat(31)}aB`)).toBe(`${"AB:".repeat(31)}AB`);
    expect(parseThumbprint(`sha256 Fingerprint=${"aB:".repeat(31)}aB`)).toBe(`${"AB:".repeat(31)}AB`);
    expect(() => parseThumbprint("aa".repeat(21))).toThrow(
      /fingerprint \(it has 42 hexadecimal digits: SHA-1 has 40, SHA-256 has 64\)/u,
    );
    expect(() => parseThumbprint(`\u{200e}${"ab".repeat(31)}`)).toThrow(/has 62 .* invisible U\+200E/u);
  });
});

describe("contexts", () => {
  test("a default one, a named one, and flags above both", async ({ simulate, folder }) => {
    const { simulator, env } = await simulate({ libraries });
    const { run } = await simulate({ libraries: [{ name: "Other" }] });
    const lab = { server: env["VSPHERE_SERVER"], user: env["VSPHERE_USER"], thumbprint: env["VSPHERE_THUMBPRINT"] };
    const contexts = { lab, broken: { ...lab, server: "https://127.0.0.1:9" } };
    await writeConfig(folder, { defaultContext: "lab", contexts });
    const home = { HOME: folder, VSPHERE_PASSWORD: password };

    // The environment is stronger than the default context, and weaker than one that is named.
    expect((await run(["ls"], home)).stdout).toContain("Other");
    expect((await run(["ls", "--context", "lab"], home)).stdout).toContain("Images");
    const unset = { ...home, VSPHERE_SERVER: "", VSPHERE_USER: "", VSPHERE_THUMBPRINT: "" };
    expect((await run(["ls"], unset)).stdout).toContain("Images");
    expect(await run(["ls", "--context", "broken"], unset)).toMatchObject({ exitCode: 1 });
    const server = simulator.url.origin;
    expect(await run(["ls", "--context", "broken", "--server", server], unset)).toMatchObject({ exitCode: 0 });
    const unknown = await run(["ls", "--context", "lub"], unset);
    expect(unknown).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("Did you mean lab?") as string });
  });

  test.for([
    [{ contexts: { lab: { server: "vc", password: "hunter2" } } }, /contains a password/u],
    [{ contexts: { lab: { sever: "vc" } } }, /unknown key "sever" in context "lab"/u],
    [{ contexts: { lab: { server: 1 } } }, /"server" of context "lab" must be a string/u],
    [{ context: {} }, /unknown key "context"/u],
    [[], /is not a JSON object/u],
  ] as const)("a wrong config file is reported: %j", async ([config, message], { simulate, folder }) => {
    const { run } = await simulate();
    await writeConfig(folder, config);
    const { exitCode, stderr } = await run(["ls"], { HOME: folder });
    expect(exitCode).not.toBe(0);
    expect(stderr).toMatch(message);
    expect(stderr).toContain("config.json");
    expect(stderr).not.toContain("hunter2");
  });
});

describe("login", () => {
  test("saves a session in a private file, without the password; logout ends it", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries });
    const home = { HOME: folder };
    const login = await run(["login"], home);
    expect(login).toMatchObject({ exitCode: 0, stderr: "" });
    expect(simulator.openApiSessions).toHaveLength(1);
    const path = join(folder, ".local", "state", "carrel", "sessions.json");
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const text = await readFile(path, "utf8");
    expect(text).not.toContain(password);
    const { token } = Object.values(JSON.parse(text) as Record<string, { token: string }>)[0] ?? { token: "" };

    const without = { ...home, VSPHERE_PASSWORD: "", VSPHERE_USER: "" };
    const listed = await run(["ls", "--debug"], without);
    expect(listed).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("Images") as string });
    expect(listed.stdout + listed.stderr + login.stdout).not.toContain(token);
    expect(await run(["get", "Images/debian", "-o", join(folder, "out")], without)).toMatchObject({ exitCode: 0 });
    expect(simulator.openApiSessions).toHaveLength(1);

    simulator.expireApiSessions();
    const over = await run(["ls"], without);
    const told = 'carrel: The session saved by "carrel login" has ended on the server\n';
    expect(over).toMatchObject({ exitCode: 3, stderr: `${told}  Log in again: carrel login\n` });
    expect(await run(["login"], home)).toMatchObject({ exitCode: 0 });
    expect(await run(["logout"], without)).toMatchObject({ exitCode: 0 });
    expect(simulator.openApiSessions).toEqual([]);
    expect(await readFile(path, "utf8")).toBe("{}\n");
    expect(await run(["ls"], without)).toMatchObject({ exitCode: 2 });
    expect(await run(["logout"], without)).toMatchObject({ exitCode: 0 });
  });

  test("reads the password from standard input", async ({ simulate, folder }) => {
    const { simulator, env, run } = await simulate({ libraries });
    const child = spawn(process.execPath, [main, "login", "--password-stdin"], {
      env: { ...env, HOME: folder, VSPHERE_PASSWORD: "" },
    });
    child.stdin.end(`${password}\nsomething else\n`);
    expect(await once(child, "close")).toEqual([0, null]);
    expect(simulator.openApiSessions).toHaveLength(1);
    expect(await run(["logout"], { HOME: folder })).toMatchObject({ exitCode: 0 });
  });

  test.for(["\n", "\r\nmore", "", "\uFEFF"])(
    "reads it with %j after or before it",
    async (around, { simulate, folder }) => {
      const { env, run } = await simulate({ libraries });
      const child = spawn(process.execPath, [main, "login", "--password-stdin"], { env: { ...env, HOME: folder } });
      child.stdin.end(around === "\uFEFF" ? around + password : password + around);
      expect(await once(child, "close")).toEqual([0, null]);
      expect(await run(["logout"], { HOME: folder })).toMatchObject({ exitCode: 0 });
    },
  );

  test("does not wait for the end of a line that has none", async ({ simulate, folder }) => {
    const { simulator, env } = await simulate({ libraries });
    const zeros = openSync("/dev/zero", "r");
    const stdio: StdioOptions = [zeros, "pipe", "pipe"];
    const child = spawn(process.execPath, [main, "login", "--password-stdin"], {
      env: { ...env, HOME: folder },
      stdio,
    });
    closeSync(zeros);
    const said = textOf(child.stderr as Readable);
    expect(await once(child, "close")).toEqual([2, null]);
    expect(await said).toBe("carrel: Standard input has no line break in its first 65536 characters\n");
    expect(simulator.journal.map(({ operation }) => operation)).not.toContain("session.create");
  });

  test("does not read a file that others can read", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries });
    const home = { HOME: folder };
    expect(await run(["login"], home)).toMatchObject({ exitCode: 0 });
    const path = join(folder, ".local", "state", "carrel", "sessions.json");
    await chmod(path, 0o644);
    const { exitCode, stderr } = await run(["ls"], { ...home, VSPHERE_PASSWORD: "" });
    expect(exitCode).toBe(1);
    expect(stderr).toContain(
      `Refused to use the session in ${path}: other users can read it (mode 0644, uid ${process.geteuid?.()})`,
    );
    expect(stderr).toContain("expected mode 0600");
    expect(stderr).toContain(`chmod 600 ${path}`);
    await chmod(path, 0o600);
    expect(await run(["logout"], home)).toMatchObject({ exitCode: 0 });
  });

  test("saves nothing after a wrong password", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries });
    expect(await run(["login"], { HOME: folder, VSPHERE_PASSWORD: "wrong" })).toMatchObject({ exitCode: 3 });
    expect(await run(["ls"], { HOME: folder, VSPHERE_PASSWORD: "" })).toMatchObject({ exitCode: 2 });
  });
});

describe("trust", () => {
  test("shows the fingerprints, saves the pin after a yes, removes it", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries });
    const home = { HOME: folder, VSPHERE_THUMBPRINT: "" };
    const host = simulator.url.host;
    const { sha256 = "", sha1 = "" } = simulator.certificate ?? {};

    const asked = await run(["trust", host], home);
    expect(asked).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("--yes") as string });
    expect(asked.stdout).toContain(sha256);
    expect(asked.stdout).toContain(sha1);
    expect(await run(["ls"], home)).toMatchObject({
      exitCode: 6,
      stderr: expect.stringContaining(`carrel trust ${host}`) as string,
    });

    expect(await run(["trust", host, "--thumbprint", "AB".repeat(32)], home)).toMatchObject({ exitCode: 6 });
    expect(await run(["trust", host, "--thumbprint", sha1.toLowerCase()], home)).toMatchObject({ exitCode: 0 });
    expect(await run(["ls"], home)).toMatchObject({ exitCode: 0 });
    expect((await run(["trust", "ls"], home)).stdout).toContain(sha256);
    expect((await run(["trust", host], home)).stdout).toContain("Already trusted for");
    expect(await run(["trust", host, "--thumbprint", "AB".repeat(32)], home)).toMatchObject({ exitCode: 6 });
    expect(simulator.journal.filter(({ operation }) => operation === "session.create")).toHaveLength(1);

    expect(await run(["trust", "rm", host], home)).toMatchObject({ exitCode: 0 });
    expect(await run(["trust", "rm", host], home)).toMatchObject({ exitCode: 4 });
    expect(await run(["ls"], home)).toMatchObject({ exitCode: 6 });
  });

  test("a pin that changed is an error that shows both", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries });
    const host = simulator.url.host;
    const old = `${"AB:".repeat(31)}AB`;
    await mkdir(join(folder, ".local", "state", "carrel"), { recursive: true });
    const pins = { [host]: { sha256: old, since: "2026-01-01T00:00:00.000Z" } };
    await writeFile(join(folder, ".local", "state", "carrel", "trust.json"), JSON.stringify(pins));
    const { exitCode, stderr } = await run(["ls"], { HOME: folder, VSPHERE_THUMBPRINT: "" });
    expect(exitCode).toBe(6);
    expect(stderr).toContain(old);
    expect(stderr).toContain(simulator.certificate?.sha256);
    expect(stderr).toContain("somebody may be intercepting the connection");
    expect(await run(["trust", "ls"], { HOME: folder })).toMatchObject({
      stdout: expect.stringContaining(old) as string,
    });
  });

  test("a pin that changed is replaced by nobody who does not name it", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries });
    const host = simulator.url.host;
    const { sha256 = "" } = simulator.certificate ?? {};
    const old = `${"AB:".repeat(31)}AB`;
    const home = { HOME: folder, VSPHERE_THUMBPRINT: "" };
    const state = join(folder, ".local", "state", "carrel");
    const pins = JSON.stringify({ [host]: { sha256: old, since: "2026-01-01T00:00:00.000Z" } });
    await mkdir(state, { recursive: true });
    await writeFile(join(state, "trust.json"), pins);
    for (const more of [["--yes"], [], ["--thumbprint", old, "--yes"]]) {
      const { exitCode, stderr } = await run(["trust", host, ...more], home);
      expect(exitCode).toBe(6);
      expect(stderr).toContain(old);
      expect(stderr).toContain("Nothing was changed.");
      expect(await readFile(join(state, "trust.json"), "utf8")).toBe(pins);
    }
    const { stderr } = await run(["trust", host, "--yes"], home);
    expect(stderr).toContain(`Seen:    SHA-256 ${sha256}`);
    expect(stderr).toContain(`carrel trust ${host} --thumbprint ${sha256}`);
    expect(stderr).toContain(`carrel trust rm ${host}`);

    expect(await run(["trust", host, "--thumbprint", sha256], home)).toMatchObject({ exitCode: 0 });
    expect(await run(["ls"], home)).toMatchObject({ exitCode: 0 });
    await writeFile(join(state, "trust.json"), pins);
    expect(await run(["trust", "rm", host], home)).toMatchObject({ exitCode: 0 });
    expect(await run(["trust", host, "--yes"], home)).toMatchObject({ exitCode: 0 });
    const [line = ""] = (await run(["trust", "ls", "--json"], home)).stdout.split("\n");
    expect(JSON.parse(line)).toEqual({
      type: "trusted",
      host,
      fingerprint: sha256,
      since: expect.any(String) as string,
    });
  });

  plain("without a server it is asked for one, and two are too many", async () => {
    const { runCli } = await import("./support/run-cli.ts");
    for (const env of [{}, { VSPHERE_SERVER: "" }, { VSPHERE_SERVER: " " }]) {
      const { exitCode, stderr } = await runCli(["trust"], env);
      expect({ exitCode, stderr }).toEqual({
        exitCode: 2,
        stderr: "carrel: No server given\n  Run carrel trust HOST, or set VSPHERE_SERVER.\n",
      });
    }
    expect(await runCli(["ls"], { VSPHERE_SERVER: " " })).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("No vCenter given") as string,
    });
    expect(await runCli(["trust", "a", "b"])).toMatchObject({ exitCode: 2 });
  });

  plain("a server that does not speak TLS is reported", async () => {
    const { runCli } = await import("./support/run-cli.ts");
    expect(await runCli(["trust", "127.0.0.1:9"])).toMatchObject({ exitCode: 1, stdout: "" });
  });
});
