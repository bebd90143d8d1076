import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath, pathToFileURL } from "node:url";
import { until } from "@carrel/test-kit";
import { describe, expect, test as plain } from "vitest";
import { filesIn, test } from "./support/fixture.ts";

const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const MiB = 1024 * 1024;
const item = (name: string, sizeBytes: number): object => ({ name, files: [{ name: `${name}.iso`, sizeBytes }] });
const libraries = [{ name: "Images", items: [item("small", MiB), item("big", 64 * 1024 * MiB)] }] as never;
const noSpace = "carrel: Cannot write to standard output: no space left on the device\n";

type Environment = Readonly<Record<string, string>>;

/** Runs the program with both outputs going where they are told. */
async function runWith(
  args: readonly string[],
  { stdout, stderr = "pipe", env = {} }: { stdout: string; stderr?: string; env?: Environment },
): Promise<{ readonly exitCode: number | null; readonly stderr: string }> {
  const open = (path: string): number | "pipe" => (path === "pipe" ? path : openSync(path, "w"));
  const stdio = ["ignore", open(stdout), open(stderr)] as const;
  const child = spawn(process.execPath, [main, ...args], { env: { HOME: "/nonexistent", ...env }, stdio: [...stdio] });
  for (const place of stdio) if (typeof place === "number") closeSync(place);
  const said = child.stderr === null ? "" : text(child.stderr);
  child.stdout?.resume();
  const [exitCode] = (await once(child, "close")) as [number | null];
  return { exitCode, stderr: await said };
}

// A device that is always full; Linux has one.
describe.skipIf(!existsSync("/dev/full"))("standard output that is full", () => {
  test.for([
    [["get", "Images/small", "--json"]],
    [["get", "Images/big/big.iso", "-o", "-"]],
    [["get", "Images/small/small.iso", "-o", "-"]],
    [["get", "Images/small", "--debug"]],
    [["ls"]],
    [["ls", "Images", "--json"]],
  ] as const)("carrel %j cleans up, says why, and ends with 1", async ([args], { simulate, folder }) => {
    const { simulator, env } = await simulate({ libraries });
    const place = args.includes("-o" as never) || args[0] === "ls" ? [] : ["-o", folder];
    const { exitCode, stderr } = await runWith([...args, ...place], { stdout: "/dev/full", env });
    expect(exitCode).toBe(1);
    expect(stderr).toContain(noSpace);
    if (!args.includes("--debug" as never)) expect(stderr).toBe(noSpace);
    expect(simulator.downloadSessions).toEqual([]);
  });

  plain.for([[["--version"]], [["--help"]], [["completion", "bash"]], [["trust", "ls", "--help"]]] as const)(
    "carrel %j says why and ends with 1",
    async ([args]) => {
      expect(await runWith(args, { stdout: "/dev/full" })).toEqual({ exitCode: 1, stderr: noSpace });
    },
  );

  test("ends with 1 also where nothing can be written", async ({ simulate, folder }) => {
    const { simulator, env } = await simulate({ libraries });
    const full = { stdout: "/dev/full", stderr: "/dev/full", env };
    expect(await runWith(["get", "Images/big", "--json", "-o", folder], full)).toMatchObject({ exitCode: 1 });
    expect(simulator.downloadSessions).toEqual([]);
  });
});

test.skipIf(process.platform === "win32")(
  "a limit that is met in mid-transfer ends it",
  async ({ simulate, folder }) => {
    const { simulator, env } = await simulate({ libraries });
    const path = join(folder, "out");
    const script = 'ulimit -f 4096; exec "$@" > "$OUT"';
    const args = ["-c", script, "sh", process.execPath, main, "get", "Images/big/big.iso", "-o", "-"];
    const child = spawn("/bin/sh", args, { env: { ...env, OUT: path }, stdio: ["ignore", "ignore", "pipe"] });
    const stderr = await text(child.stderr);
    expect(child.exitCode ?? (await once(child, "close"))[0]).toBe(1);
    expect(stderr).toMatch(/^carrel: Cannot write to standard output: the file would be larger than .*\n$/u);
    expect((await readFile(path)).length).toBeGreaterThan(MiB);
    expect(simulator.downloadSessions).toEqual([]);
  },
);

describe("standard error that nobody reads", () => {
  test("does not end a download", async ({ simulate, folder }) => {
    const { simulator, env } = await simulate({ libraries });
    const args = [main, "get", "Images/small", "-o", folder, "--debug"];
    const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "pipe"] });
    child.stderr.destroy();
    const stdout = await text(child.stdout);
    expect(child.exitCode ?? (await once(child, "close"))[0]).toBe(0);
    expect(stdout).toContain("all verified");
    expect(await filesIn(folder)).toEqual(["small.iso"]);
    expect(simulator.downloadSessions).toEqual([]);
  });

  test("leaves exit codes what they are", async ({ simulate, folder }) => {
    const { simulator, start } = await simulate({ libraries });
    const closed = async (args: readonly string[], act?: () => Promise<NodeJS.Signals>): Promise<number | null> => {
      const { child, ended } = start(args);
      child.stderr.destroy();
      // Ends with an error of its own, for its reader gave up.
      ended.catch(() => undefined);
      if (act) child.kill(await act());
      const [exitCode] = (await once(child, "exit")) as [number | null];
      return exitCode;
    };
    expect(await closed(["get", "Images/none"])).toBe(4);
    expect(await closed(["gte"])).toBe(2);
    const interrupted = closed(["get", "Images/big", "-o", folder, "--debug"], async () => {
      await until(() => simulator.journal.some(({ kind, sentBytes }) => kind === "transfer" && sentBytes > 0));
      return "SIGINT";
    });
    expect(await interrupted).toBe(130);
    expect(simulator.downloadSessions).toEqual([]);
  });
});

test("a reader of remarks on files that has gone ends the download, and its session", async ({ simulate, folder }) => {
  const { simulator, env } = await simulate({ libraries });
  const args = [main, "get", "Images/small", "Images/big", "-o", folder];
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.destroy();
  const stderr = await text(child.stderr);
  expect({ exitCode: child.exitCode ?? (await once(child, "close"))[0], stderr }).toEqual({
    exitCode: 141,
    stderr: expect.stringMatching(/^(?:big: .+ to fetch, .+ free\n)?$/u) as string,
  });
  expect(simulator.downloadSessions).toEqual([]);
});

test("a fault of the program in mid-transfer is reported, and leaves no session", async ({ simulate, folder }) => {
  const { simulator, runBuilt: run } = await simulate({ libraries });
  const path = join(folder, "fault.mjs");
  const fault = `import { subscribe } from "node:diagnostics_channel";
    subscribe("carrel:transfer:response", () => setImmediate(() => { throw new Error("Something broke."); }));`;
  await writeFile(path, fault);
  const env = { NODE_OPTIONS: `--import=${pathToFileURL(path).href}` };
  const { exitCode, stdout, stderr } = await run(["get", "Images/big", "-o", join(folder, "out"), "--json"], env);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(
    /^(?:big: .+ to fetch, .+ free\n)?carrel: Something broke\.\n {2}Run with --debug to see the stack trace\.\n(?:.+ are kept in .+\.\n)?$/u,
  );
  expect(stdout.trimEnd().split("\n").at(-1)).toContain('"message":"Something broke."');
  expect(simulator.downloadSessions).toEqual([]);
});
