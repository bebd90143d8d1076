import { spawn } from "node:child_process";
import type { ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import process from "node:process";
import { PassThrough } from "node:stream";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { ProgramIo } from "../../src/process/program-io.ts";
import { runProgram } from "../../src/program.ts";
import { checkJson } from "./check-json.ts";

const main = fileURLToPath(new URL("../../dist/main.js", import.meta.url));
/** The modules that the bundle is made of. */
const compiled = fileURLToPath(new URL("../../dist/compiled/main.js", import.meta.url));

/** How a run ended. */
export interface CliRun {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A run that is still under way. */
export interface StartedCli {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly ended: Promise<CliRun>;
}

/** Starts the built program with the given environment and nothing else of this process's. */
export function startCli(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  timeout = 60_000,
): StartedCli {
  if (!existsSync(main)) throw new Error(`${main} does not exist. Build it: pnpm --filter carrel... run build`);
  // A preload that changes values of a module (`*-lock-times.mjs`) does not reach what is in the bundle.
  const program = env["NODE_OPTIONS"]?.includes("-lock-times.mjs") === true ? compiled : main;
  const child = spawn(process.execPath, [program, ...args], {
    env: { PATH: process.env["PATH"], ...nothingRemembered, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    timeout,
  });
  const closed = once(child, "close") as Promise<[number | null]>;
  const ended = Promise.all([text(child.stdout), text(child.stderr), closed]).then(([stdout, stderr, [exitCode]]) => ({
    exitCode,
    stdout,
    stderr,
  }));
  return { child, ended };
}

/** Runs the built program to its end, in a process of its own. */
export function runBuilt(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<CliRun> {
  return startCli(args, env).ended;
}

/**
 * Runs the program to its end, in this process: with the given environment, no standard input, and no terminal. What
 * depends on the process itself (signals, authorities from its environment) needs {@link runBuilt}. Proxies are read from the
 * process's environment: during the run they are those of the given one.
 */
export async function runCli(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  around: Pick<ProgramIo, "clock"> = {},
): Promise<CliRun> {
  const stdin = new PassThrough().end();
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const texts = Promise.all([text(stdout), text(stderr)]);
  let exitCode: number | null = 0;
  const io: ProgramIo = {
    ...around,
    env: { ...nothingRemembered, ...env },
    stdin: stdin as unknown as NodeJS.ReadStream,
    stdout: stdout as unknown as NodeJS.WriteStream,
    stderr: stderr as unknown as NodeJS.WriteStream,
    onInterrupt: () => ({ [Symbol.dispose]: () => undefined }),
    interrupt: () => undefined,
    onFault: () => undefined,
    setExitCode: (code) => (exitCode = code),
    exit: (code) => {
      throw new Error(`The program ended its process with ${code}.`);
    },
  };
  const proxies = setProxies(env);
  try {
    await runProgram(args, io);
  } finally {
    setProxies(proxies);
  }
  stdout.end();
  stderr.end();
  const [out, err] = await texts;
  checkJson(args, out);
  return { exitCode, stdout: out, stderr: err };
}

const proxyNames = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy"] as const;

/** Gives this process the proxies of an environment, and no others. Returns those that it had. */
function setProxies(env: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string | undefined>> {
  const before = Object.fromEntries(proxyNames.map((name) => [name, process.env[name]]));
  for (const name of proxyNames) {
    if (env[name] === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = env[name];
  }
  return before;
}

/** Nothing that this machine remembers. */
const nothingRemembered = { HOME: "/nonexistent" } as const;
