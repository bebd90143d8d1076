import { readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { startSimulator } from "@carrel/simulator";
import type { Simulator, SimulatorOptions } from "@carrel/simulator";
import { secretsIn, tempDirectory } from "@carrel/test-kit";
import { expect, test as base } from "vitest";
import { runBuilt, runCli, startCli } from "./run-cli.ts";
import type { CliRun, StartedCli } from "./run-cli.ts";

/** What each test gets. */
export interface Fixture {
  /** Starts a simulator over TLS (unless told otherwise), stopped after the test, which fails if a session is left. */
  readonly simulate: (options?: SimulatorOptions) => Promise<Simulated>;
  /** An empty folder. */
  readonly folder: string;
}

/** A simulator and a program that is set up for it. */
export interface Simulated {
  readonly simulator: Simulator;
  /** The environment with which the program reaches and trusts the simulator. */
  readonly env: Readonly<Record<string, string>>;
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<CliRun>;
  /** The same in a process of its own, for what depends on that: authorities of its environment, faults. */
  runBuilt(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<CliRun>;
  start(args: readonly string[], env?: Readonly<Record<string, string>>): StartedCli;
}

export const password: string = 'c0rrect"horse&battery';

/** Vitest's `test` with a simulator and a folder. */
export const test = base.extend<Fixture>({
  // oxlint-disable-next-line no-empty-pattern -- Vitest asks for a pattern
  simulate: async ({}, use) => {
    const started: Simulator[] = [];
    await use(async (options = {}) => {
      const credentials = { username: "reader@vsphere.local", password };
      const simulator = await startSimulator({ tls: true, credentials, ...options });
      started.push(simulator);
      return simulated(simulator);
    });
    const left = started.map(({ openSessions, openApiSessions }) => [openSessions, openApiSessions]);
    await Promise.all(started.map((simulator) => simulator[Symbol.asyncDispose]()));
    expect(left).toEqual(started.map(() => [[], []]));
  },
  // oxlint-disable-next-line no-empty-pattern -- Vitest asks for a pattern
  folder: async ({}, use) => {
    await using directory = await tempDirectory();
    await use(directory.path);
  },
});

function simulated(simulator: Simulator): Simulated {
  const env = {
    VSPHERE_SERVER: simulator.url.href,
    VSPHERE_USER: simulator.credentials.username,
    VSPHERE_PASSWORD: simulator.credentials.password,
    ...(simulator.certificate ? { VSPHERE_THUMBPRINT: simulator.certificate.sha256 } : {}),
  };
  const checked = async (ended: Promise<CliRun>, args: readonly string[]): Promise<CliRun> => {
    const run = await ended;
    const { username: user, password: secret } = simulator.credentials;
    expect(secretsIn(run.stdout + run.stderr, { user, password: secret })).toEqual([]);
    if (!args.includes("--debug")) expect(run.stdout + run.stderr).not.toMatch(/^\s+at .+:\d+:\d+\)?$/mu);
    return run;
  };
  return {
    simulator,
    env,
    run: (args, more = {}) => checked(runCli(args, { ...env, ...more }), args),
    runBuilt: (args, more = {}) => checked(runBuilt(args, { ...env, ...more }), args),
    start(args, more = {}) {
      const { child, ended } = startCli(args, { ...env, ...more });
      return { child, ended: checked(ended, args) };
    },
  };
}

/** Files below a folder, sorted, without the records that `carrel get` leaves, and those of the items of mirrors. */
export async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name !== ".carrel.json")
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((path) => !/\.carrel-mirror\.items.[^.]+\.json$/u.test(path))
    .toSorted();
}
