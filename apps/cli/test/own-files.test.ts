import { execFileSync } from "node:child_process";
import { chmod, chown, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { describe, expect, test as plain } from "vitest";
import { configPath, statePath } from "../src/state/paths.ts";
import { test } from "./support/fixture.ts";
import { runCli } from "./support/run-cli.ts";
import type { CliRun } from "./support/run-cli.ts";

const libraries = [{ name: "Images" }];
const isRoot = process.geteuid?.() === 0;
const somebody = 61_234;

function homeOfUser(): string | undefined {
  try {
    return userInfo().homedir;
  } catch {
    return undefined;
  }
}

async function put(path: string, value: unknown, mode = 0o600): Promise<string> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(path, typeof value === "string" ? value : JSON.stringify(value));
  await chmod(path, mode);
  return path;
}

/** Runs the program as another user, with nobody's rights but that user's. */
async function runAsSomebody(...[args, env]: Parameters<typeof runCli>): Promise<CliRun> {
  // What a command loads is loaded before: the user may not be allowed to read the program itself.
  await runCli(args, { ...env, HOME: "/dev/null" });
  const groups = process.getgroups?.() ?? [];
  process.setgroups?.([]);
  process.setegid?.(somebody);
  process.seteuid?.(somebody);
  try {
    return await runCli(args, env);
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
    process.setgroups?.(groups);
  }
}

describe("where files are kept", () => {
  // A user that the system does not know has none.
  const home = homeOfUser();
  const atHome = (path: string): string | undefined => (home === undefined ? undefined : join(home, path));
  plain.for([
    [{ HOME: "/home/ann" }, "/home/ann/.config/carrel/config.json"],
    [{ HOME: "/" }, "/.config/carrel/config.json"],
    [{ HOME: "" }, atHome(".config/carrel/config.json")],
    [{}, atHome(".config/carrel/config.json")],
    [{ HOME: "." }, atHome(".config/carrel/config.json")],
    [{ HOME: "~" }, atHome(".config/carrel/config.json")],
    [{ HOME: "/home/ann", XDG_CONFIG_HOME: "" }, "/home/ann/.config/carrel/config.json"],
    [{ HOME: "/home/ann", XDG_CONFIG_HOME: "conf" }, "/home/ann/.config/carrel/config.json"],
    [{ HOME: "/home/ann", XDG_CONFIG_HOME: "./conf" }, "/home/ann/.config/carrel/config.json"],
    [{ HOME: "rel", XDG_CONFIG_HOME: "/etc/xdg" }, "/etc/xdg/carrel/config.json"],
  ] as const)("settings with %j", ([env, path]) => {
    expect(configPath(env)).toBe(path);
  });

  plain.for([
    [{ HOME: "/home/ann" }, "/home/ann/.local/state/carrel/trust.json"],
    [{ HOME: "", XDG_STATE_HOME: "state" }, atHome(".local/state/carrel/trust.json")],
    [{ HOME: "/home/ann", XDG_STATE_HOME: "/var/state" }, "/var/state/carrel/trust.json"],
  ] as const)("state with %j", ([env, path]) => {
    expect(statePath(env, "trust.json")).toBe(path);
  });

  test.for([
    { HOME: "" },
    { HOME: "." },
    { HOME: "planted" },
    { HOME: "", XDG_CONFIG_HOME: "planted/.config", XDG_STATE_HOME: "planted/.local/state" },
    { HOME: "", XDG_CONFIG_HOME: ".config", XDG_STATE_HOME: ".local/state" },
  ])("nothing below the current directory is read with %j", async (env, { folder }) => {
    for (const root of [folder, join(folder, "planted")]) {
      await put(join(root, ".config/carrel/config.json"), "[");
      await put(join(root, ".local/state/carrel/trust.json"), "[");
    }
    const before = process.cwd();
    process.chdir(folder);
    try {
      // Names the file that it reads, and ends before anything is sent.
      const { exitCode, stderr } = await runCli(["ls", "--context", "of-nobody"], env);
      expect(exitCode).toBe(2);
      const place = atHome(".config/carrel/config.json") ?? "the config file: this user has no home directory";
      expect(stderr).toContain(`No context "of-nobody" in ${place}`);
      expect(await runCli(["trust", "ls"], env)).toMatchObject({ exitCode: 0 });
    } finally {
      process.chdir(before);
    }
  });
});

describe.runIf(process.platform !== "win32")("files that others may have written", () => {
  const config = (server: string): object => ({ defaultContext: "lab", contexts: { lab: { server } } });
  const cases = [
    ["config.json", [".config", "carrel"], ["ls"]],
    ["trust.json", [".local", "state", "carrel"], ["trust", "ls"]],
    ["sessions.json", [".local", "state", "carrel"], ["logout", "--all"]],
  ] as const;

  test.for(cases)("%s is refused where they may write to it", async ([name, path, args], { simulate, folder }) => {
    const { run } = await simulate({ libraries });
    const file = join(folder, ...path, name);
    const others = isRoot ? [0o666, 0o622, 0o664, 0o620] : [0o666, 0o622];
    for (const mode of others) {
      await put(file, name === "config.json" ? config("vc.invalid") : {}, mode);
      const { exitCode, stderr } = await run(args, { HOME: folder });
      expect(exitCode).toBe(1);
      expect(stderr).toContain(`Refused to read ${file}: `);
      expect(stderr).toContain(`mode 0${mode.toString(8)}, uid ${process.geteuid?.()}`);
      expect(stderr).toContain("expected mode 0644 or stricter");
      expect(stderr).toContain(`chmod go-w ${file}`);
    }
  });

  test.for(cases)(
    "%s is refused where they may write to its folder",
    async ([name, path, args], { simulate, folder }) => {
      const { run } = await simulate({ libraries });
      const file = await put(join(folder, ...path, name), {});
      await chmod(dirname(file), 0o777);
      const { exitCode, stderr } = await run(args, { HOME: folder });
      expect(exitCode).toBe(1);
      expect(stderr).toContain(`others may write to the directory ${dirname(file)} (mode 0777`);
      expect(stderr).toContain(`chmod go-w ${dirname(file)}`);
    },
  );

  test.for(cases)(
    "%s is read where it is a link, and what it is a link to is judged",
    async (one, { simulate, folder }) => {
      const [name, path, args] = one;
      const { run } = await simulate({ libraries });
      const real = await put(join(folder, "dotfiles", name), {});
      await mkdir(join(folder, ...path), { recursive: true, mode: 0o700 });
      await symlink(real, join(folder, ...path, name));
      expect(await run(args, { HOME: folder })).toMatchObject({ exitCode: 0 });
      await chmod(real, 0o666);
      expect(await run(args, { HOME: folder })).toMatchObject({ exitCode: 1 });
    },
  );

  test.for(cases)("%s is a plain file of limited size", async ([name, path, args], { simulate, folder }) => {
    const { run } = await simulate({ libraries });
    const file = join(folder, ...path, name);
    await put(file, `{"x": "${"y".repeat(1024 * 1024)}"}`);
    expect((await run(args, { HOME: folder })).stderr).toContain(`Cannot read ${file}: it is larger than 1.0 MiB`);
    for (const [make, why] of [
      [() => symlink("/dev/zero", file), "it is a device, not a plain file"],
      [() => execFileSync("mkfifo", [file]), "it is a named pipe, not a plain file"],
      [() => mkdir(file), "it is a directory, not a plain file"],
      [() => symlink(file, file), "symbolic links lead in a circle"],
    ] as const) {
      execFileSync("rm", ["-rf", file]);
      await make();
      const { exitCode, stderr } = await run(args, { HOME: folder });
      expect(exitCode).toBe(1);
      expect(stderr).toContain(`Cannot read ${file}: ${why}`);
    }
  });

  test("nothing is written where others may write", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries });
    const state = join(folder, ".local", "state", "carrel");
    await mkdir(state, { recursive: true });
    await chmod(state, 0o777);
    for (const args of [["login"], ["trust", simulator.url.host, "--yes"]]) {
      const { exitCode, stderr } = await run(args, { HOME: folder });
      expect(exitCode).toBe(1);
      expect(stderr).toContain(`Refused to write ${state}/`);
      expect(await readdir(state)).toEqual([]);
    }
  });

  test("what is written is private, whatever the umask", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries });
    const before = process.umask(0);
    try {
      for (const args of [["login"], ["trust", simulator.url.host, "--yes"]]) {
        expect(await run(args, { HOME: folder })).toMatchObject({ exitCode: 0 });
      }
      for (const name of ["sessions.json", "trust.json"]) {
        expect((await stat(join(folder, ".local/state/carrel", name))).mode & 0o777).toBe(0o600);
      }
      for (const name of [".local", ".local/state", ".local/state/carrel"]) {
        expect((await stat(join(folder, name))).mode & 0o777).toBe(0o700);
      }
      expect(await readdir(join(folder, ".local/state/carrel"))).toHaveLength(2);
      expect(await run(["logout"], { HOME: folder })).toMatchObject({ exitCode: 0 });
    } finally {
      process.umask(before);
    }
  });
});

describe.runIf(isRoot)("files of other users", () => {
  const cases = [
    ["config.json", [".config", "carrel"], ["ls"]],
    ["trust.json", [".local", "state", "carrel"], ["trust", "ls"]],
    ["sessions.json", [".local", "state", "carrel"], ["logout", "--all"]],
  ] as const;

  test.for(cases)("%s is refused, and the owner named", async ([name, path, args], { simulate, folder }) => {
    const { run } = await simulate({ libraries });
    const file = await put(join(folder, ...path, name), {});
    await chown(file, somebody, somebody);
    const told = await run(args, { HOME: folder });
    expect(told.exitCode).toBe(1);
    expect(told.stderr).toContain(
      `Refused to read ${file}: it belongs to uid ${somebody} (mode 0600), expected uid 0 (root)`,
    );
    expect(told.stderr).toContain("sudo -H");

    await chown(file, 0, 0);
    await chown(dirname(file), somebody, somebody);
    const { exitCode, stderr } = await run(args, { HOME: folder });
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`the directory ${dirname(file)} belongs to uid ${somebody} (mode 0700)`);
  });

  test("nothing is created in the home directory of somebody else", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries });
    await chown(folder, somebody, somebody);
    const { exitCode, stderr } = await run(["login"], { HOME: folder });
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`the directory ${folder} belongs to uid ${somebody}`);
    expect(await readdir(folder)).toEqual([]);
  });

  test("those of root are read, and those that the user's own group may write to", async ({ simulate, folder }) => {
    const { env } = await simulate({ libraries });
    const file = await put(join(folder, ".config/carrel/config.json"), {}, 0o644);
    await chmod(folder, 0o755);
    await chmod(join(folder, ".config"), 0o755);
    await chmod(dirname(file), 0o755);
    const ls = async (): Promise<string> => (await runAsSomebody(["ls"], { ...env, HOME: folder })).stderr;
    expect(await ls()).toBe("");
    await chown(file, somebody, somebody);
    await chown(dirname(file), somebody, somebody);
    await chmod(file, 0o664);
    await chmod(dirname(file), 0o775);
    expect(await ls()).toBe("");
    await chown(file, somebody, 100);
    expect(await ls()).toContain("the group 100 may write to it (mode 0664");
  });

  test("what is in the home directory of somebody else, and out of reach, is not there", async ({
    simulate,
    folder,
  }) => {
    const { env } = await simulate({ libraries });
    await put(join(folder, ".config/carrel/config.json"), "[");
    const run = await runAsSomebody(["ls"], { ...env, HOME: folder });
    expect(run).toMatchObject({ exitCode: 0, stderr: "" });
    const { exitCode, stderr } = await runAsSomebody(["login"], { ...env, HOME: folder });
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`${folder}/.local/state/carrel/sessions.json`);
    // Its own, which it cannot read all the same.
    await chmod(folder, 0o755);
    await chmod(join(folder, ".config"), 0o755);
    await chmod(join(folder, ".config/carrel"), 0o755);
    const told = await runAsSomebody(["ls"], { ...env, HOME: folder });
    expect(told).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("permission denied") as string });
  });

  test("a user without a home directory reads nothing, and gets an error when something must be saved", async ({
    simulate,
  }) => {
    const { env } = await simulate({ libraries });
    for (const HOME of ["", "relative"]) {
      expect(await runAsSomebody(["ls"], { ...env, HOME })).toMatchObject({ exitCode: 0, stderr: "" });
      expect((await runAsSomebody(["help", "connection"], { ...env, HOME })).stdout).toContain("no home directory");
      const { exitCode, stderr } = await runAsSomebody(["login"], { ...env, HOME });
      expect(exitCode).toBe(1);
      expect(stderr).toContain("Cannot find a directory for settings");
      expect(stderr).toContain("XDG_STATE_HOME");
    }
  });
});

test("a HOME that is not a directory contains nothing", async ({ simulate }) => {
  const { run } = await simulate({ libraries });
  expect(await run(["ls"], { HOME: "/dev/null" })).toMatchObject({ exitCode: 0, stderr: "" });
  const { exitCode, stderr } = await run(["login"], { HOME: "/dev/null" });
  expect(exitCode).toBe(1);
  expect(stderr).toContain("/dev/null/.local/state/carrel/sessions.json");
});

describe("encodings", () => {
  test.for([
    ["UTF-8 with a mark", (text: string) => Buffer.from(`\uFEFF${text}`)],
    ["UTF-16LE", (text: string) => Buffer.from(`\uFEFF${text}`, "utf16le")],
    ["UTF-16BE", (text: string) => Buffer.from(`\uFEFF${text}`, "utf16le").swap16()],
    ["UTF-16LE without a mark", (text: string) => Buffer.from(text, "utf16le")],
    ["UTF-16BE without a mark", (text: string) => Buffer.from(text, "utf16le").swap16()],
  ] as const)("config.json in %s is read", async ([, encode], { simulate, folder }) => {
    const { env, run } = await simulate({ libraries });
    const text = JSON.stringify({ defaultContext: "lab", contexts: { lab: { server: env["VSPHERE_SERVER"] } } });
    const file = await put(join(folder, ".config/carrel/config.json"), "");
    await writeFile(file, encode(text));
    expect(await run(["ls"], { HOME: folder, VSPHERE_SERVER: "" })).toMatchObject({ exitCode: 0, stderr: "" });
  });

  test("what is not text is reported as such", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries });
    const file = await put(join(folder, ".config/carrel/config.json"), "");
    await writeFile(file, Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0xfd]));
    const { exitCode, stderr } = await run(["ls"], { HOME: folder });
    expect(exitCode).toBe(2);
    expect(stderr).toContain("neither UTF-8 nor UTF-16");
    expect(await readFile(file)).toHaveLength(5);
  });
});
