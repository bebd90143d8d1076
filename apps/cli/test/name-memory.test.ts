import { chmod, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, expect } from "vitest";
import { completeRemembered } from "../src/commands/completion/remembered.ts";
import { forgetPaths, maxPaths, rememberedPaths, rememberPaths } from "../src/state/name-memory.ts";
import { test } from "./support/fixture.ts";
import { runCli } from "./support/run-cli.ts";

const one = "https://vc.example.com";
const other = "https://vc2.example.com";

describe("names that were listed are remembered", () => {
  test("for each server, the latest first, in a file that only this user can read", async ({ folder }) => {
    const env = { XDG_STATE_HOME: folder };
    expect(await rememberedPaths(env, one)).toEqual([]);
    await rememberPaths(env, one, ["Images", "Images/a"]);
    await rememberPaths(env, other, ["Other"]);
    await rememberPaths(env, one, ["Templates", "Images"]);
    expect(await rememberedPaths(env, one)).toEqual(["Templates", "Images", "Images/a"]);
    expect(await rememberedPaths(env, other)).toEqual(["Other"]);
    const path = join(folder, "carrel", "names.json");
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await forgetPaths(env, one);
    expect(await rememberedPaths(env, one)).toEqual([]);
    expect(JSON.parse(await readFile(path, "utf8"))).toEqual({ [other]: ["Other"] });
    expect(await readdir(join(folder, "carrel"))).toEqual(["names.json"]);
  });

  test("up to a limit of paths, servers and bytes", async ({ folder }) => {
    const env = { XDG_STATE_HOME: folder };
    const many = Array.from({ length: maxPaths + 10 }, (_, index) => `Images/${index}`);
    await rememberPaths(env, one, many);
    expect(await rememberedPaths(env, one)).toEqual(many.slice(0, maxPaths));
    await rememberPaths(env, one, ["Images/latest"]);
    expect((await rememberedPaths(env, one)).slice(0, 2)).toEqual(["Images/latest", "Images/0"]);
    expect(await rememberedPaths(env, one)).toHaveLength(maxPaths);
    await rememberPaths(
      env,
      other,
      Array.from({ length: 4000 }, (_, index) => `${index}${"x".repeat(300)}`),
    );
    for (let index = 0; index < 30; index += 1) await rememberPaths(env, `https://vc${index}`, ["Images"]);
    const bytes = await readFile(join(folder, "carrel", "names.json"));
    expect(bytes.length).toBeLessThan(1024 * 1024);
    expect(Object.keys(JSON.parse(bytes.toString()) as object)).toHaveLength(20);
  });

  test("and a file that is broken, foreign or cannot be written is ignored", async ({ folder }) => {
    const env = { XDG_STATE_HOME: folder };
    const path = join(folder, "carrel", "names.json");
    await mkdir(join(folder, "carrel"), { mode: 0o700 });
    for (const content of ["{", "[]", "null", '{"https://vc.example.com": 7}', "\u0000"]) {
      await writeFile(path, content);
      expect(await rememberedPaths(env, one)).toEqual([]);
    }
    await rememberPaths(env, one, ["Images"]);
    expect(await rememberedPaths(env, one)).toEqual(["Images"]);
    await chmod(path, 0o666);
    expect(await rememberedPaths(env, one)).toEqual([]);
    await rememberPaths({ XDG_STATE_HOME: "/proc/1" }, one, ["Images"]);
    await forgetPaths({ XDG_STATE_HOME: join(path, "below") }, one);
  });
});

test("carrel context rm forgets what was listed of its server", async ({ folder }) => {
  const env = { XDG_STATE_HOME: folder, XDG_CONFIG_HOME: folder };
  await runCli(["context", "add", "lab", "--server", "vc.example.com"], env);
  await rememberPaths(env, one, ["Images"]);
  await rememberPaths(env, other, ["Other"]);
  expect(await runCli(["context", "rm", "lab", "--yes"], env)).toMatchObject({ exitCode: 0 });
  expect(await rememberedPaths(env, one)).toEqual([]);
  expect(await rememberedPaths(env, other)).toEqual(["Other"]);
});

test("nothing is remembered of a run without a terminal", async ({ simulate, folder }) => {
  const { run } = await simulate({ libraries: [{ name: "Images" }] });
  expect(await run(["ls"], { XDG_STATE_HOME: folder })).toMatchObject({ exitCode: 0 });
  expect(await readdir(folder)).toEqual([]);
});

test("files in archives are offered to the commands that take them", async ({ folder }) => {
  const env = { XDG_STATE_HOME: folder, VSPHERE_SERVER: "vc.example.com" };
  await rememberPaths(env, one, ["T/p/p.ova", "T/p/p.ova/p.ovf", String.raw`T/p/p.ova/texts\/eula.txt`]);
  const offered = async (kind: string, current: string): Promise<readonly string[]> => {
    const stdout = new PassThrough();
    const io = { env, stdout: stdout as unknown as NodeJS.WriteStream };
    await completeRemembered(["zsh", kind, current, "--", "carrel", "cat"], io);
    stdout.end();
    return (await text(stdout)).split("\n").slice(0, -1);
  };
  expect(await offered("member", "T/p/p.ova/")).toEqual(["T/p/p.ova/p.ovf", String.raw`T/p/p.ova/texts\/eula.txt`]);
  expect(await offered("member", "T/p/p")).toEqual(["T/p/p.ova"]);
  expect(await offered("path", "T/p/p.ova/")).toEqual([]);
  expect(await offered("library-name", "")).toEqual(["T"]);
});
