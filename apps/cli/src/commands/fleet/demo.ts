import { systemClock } from "@carrel/core";
import { sleep } from "@carrel/core/kit";
import type { FleetEvent, FleetItemAtWork, FleetStatus } from "@carrel/fleet";
import { formatBytes, formatCount, formatDuration } from "../../output/format.ts";
import { CliError, exitCodes, usageError } from "../../process/cli-error.ts";
import type { Run } from "../../run/run-command.ts";
import { runApply } from "./apply.ts";
import { findDatabase } from "./database.ts";
import type { FleetDatabase } from "./database.ts";
import { openDesk } from "./desk.ts";
import type { FleetDesk } from "./desk.ts";
import { compareAll, makeWorld } from "./demo-world.ts";
import type { DemoWorld } from "./demo-world.ts";
import { DemoWorker } from "./demo-worker.ts";
import { labelOf, rateKey } from "./status-view.ts";

const pauseMs = 200;
/** Of everything together, on a slow machine. */
const limitMs = 300_000;
/** Killed once this much of a file has arrived. */
const killAtBytes = 8 * 1024 * 1024;

/** `carrel fleet demo`. */
export async function runFleetDemo(given: Run): Promise<void> {
  await using world = await makeWorld(given.io.env);
  const signal = AbortSignal.any([given.signal, AbortSignal.timeout(limitMs)]);
  const io = Object.create(given.io, { env: { value: world.env } }) as Run["io"];
  const run: Run = { ...given, io, signal };
  const database = await findDatabase(world.env);
  await refuseOthers(database, run);
  const { screen } = run;
  screen.print("Three simulated vCenters run, each with a library of two items:");
  for (const [city, { url }] of world.simulators) screen.print(`  ${city.padEnd(6)}  ${url.origin}`);
  screen.print("");
  screen.print(`carrel fleet apply ${world.document}`);
  await runApply(world.document, { yes: true }, run);
  screen.print("");
  await new Story(world, database, run).tell();
}

/** A database with somebody's fleet in it is not for demonstrations. */
async function refuseOthers(database: FleetDatabase, run: Run): Promise<void> {
  if (database.kind === "embedded") return;
  await using desk = await openDesk(database, run);
  const { mirrors = {} } = (await desk.document()) ?? {};
  if (Object.keys(mirrors).length === 0) return;
  throw usageError(
    `The database has a fleet with ${formatCount(Object.keys(mirrors).length, "mirror")} already`,
    "Use an empty one: CARREL_FLEET_DATABASE. Without it the demonstration runs on an embedded database.",
  );
}

/** What happens, in its order. */
class Story {
  readonly #world: DemoWorld;
  readonly #database: FleetDatabase;
  readonly #run: Run;
  constructor(world: DemoWorld, database: FleetDatabase, run: Run) {
    this.#world = world;
    this.#database = database;
    this.#run = run;
  }

  async tell(): Promise<void> {
    const { screen } = this.#run;
    const isShared = this.#database.kind === "postgresql";
    await using first = this.#start("worker-1");
    await using other = isShared ? this.#start("worker-2") : undefined;
    await Promise.all([first.ready(), other?.ready()]);
    const killed = await this.#killInFile(first);
    const killedAtMs = performance.now();
    // The embedded database is one process's, so its take-over is by the next process.
    await using next = other ?? this.#start("worker-2");
    await next.ready();
    await using desk = await openDesk(this.#database, this.#run);
    await this.#followOn(desk, killed, killedAtMs);
    await this.#until(desk, isDone);
    await next.stop();
    if (isShared) await this.#leaveEmpty();
    const { files, sizeBytes, sentBytes, leftSessions } = await compareAll(this.#world);
    screen.print("");
    screen.print(
      `All is in place: ${formatCount(files, "file")}, ${formatBytes(sizeBytes)}, each compared with its vCenter's.`,
    );
    screen.print(`The vCenters sent ${formatBytes(sentBytes)}: ${formatBytes(sentBytes - sizeBytes)} more than once.`);
    if (leftSessions > 0) {
      throw new CliError(`${leftSessions} sessions are still open on the servers`, { exitCode: exitCodes.failed });
    }
    screen.print("No download session is left on any of them, also not that of the worker that was killed.");
  }

  #start(name: string): DemoWorker {
    const { screen } = this.#run;
    const on = (event: FleetEvent): void => this.#show(name, event);
    const worker = new DemoWorker(name, this.#world.env, on, (line) => screen.note(`${name}: ${line}`));
    screen.print(`carrel fleet run    ${name}, process ${worker.pid ?? 0}`);
    return worker;
  }

  #show(worker: string, event: FleetEvent): void {
    const { screen } = this.#run;
    if (event.type === "mirrored") screen.print(`  ${worker}: in place: ${labelOf(event)}`);
    if (event.type === "failed") screen.note(`  ${worker}: failed: ${labelOf(event)}: ${event.error.message}`);
    if (event.type === "started" && event.isTakenOver) {
      screen.print(`  ${worker}: takes over ${labelOf(event)}`);
    }
  }

  /** Kills the worker once it is in the middle of a file. Returns what it was at. */
  async #killInFile(worker: DemoWorker): Promise<FleetItemAtWork> {
    let found: FleetItemAtWork | undefined;
    {
      await using desk = await openDesk(this.#database, this.#run);
      this.#run.screen.print("carrel fleet sync");
      await desk.sync();
      await this.#until(desk, ({ atWork }) => {
        found = atWork.find((item) => item.bytes >= killAtBytes && (item.worker ?? worker.name) === worker.name);
        return found !== undefined;
      });
    }
    await worker.kill();
    if (found === undefined) throw new Error("No item is in the middle of a file");
    const { bytes, totalBytes } = found;
    const of = totalBytes === undefined ? "" : ` of ${formatBytes(totalBytes)}`;
    this.#run.screen.print(
      `kill -9 ${worker.pid ?? 0}    ${worker.name}, at ${formatBytes(bytes)}${of} of ${labelOf(found)}`,
    );
    return found;
  }

  async #followOn(desk: FleetDesk, killed: FleetItemAtWork, killedAtMs: number): Promise<void> {
    let seen: FleetItemAtWork | undefined;
    await this.#until(desk, (status) => {
      seen = status.atWork.find(
        (item) => rateKey(item) === rateKey(killed) && item.attempt > killed.attempt && item.bytes > 0,
      );
      return seen !== undefined || isDone(status);
    });
    if (seen === undefined) return;
    const after = formatDuration(performance.now() - killedAtMs);
    const { bytes, worker = "the next worker" } = seen;
    this.#run.screen.print(
      `  ${worker}: ${after} after the kill, ${labelOf(seen)} continues, now at ${formatBytes(bytes)}`,
    );
  }

  async #until(desk: FleetDesk, isReached: (status: FleetStatus) => boolean): Promise<void> {
    const { signal, io } = this.#run;
    for (;;) {
      const status = await desk.status();
      if (isReached(status)) return;
      const [dead] = status.dead;
      if (dead !== undefined) {
        throw new CliError(`${labelOf(dead)} was given up: ${dead.error?.message ?? "no reason was recorded"}`, {
          exitCode: exitCodes.failed,
        });
      }
      await sleep(io.clock ?? systemClock, pauseMs, signal);
    }
  }

  /** The shared database is left without mirrors. */
  async #leaveEmpty(): Promise<void> {
    await using desk = await openDesk(this.#database, this.#run);
    await desk.apply({ vcenters: {}, targets: {}, mirrors: {} });
  }
}

function isDone({ mirrors, atWork, waiting }: FleetStatus): boolean {
  return (
    atWork.length === 0 &&
    waiting.length === 0 &&
    mirrors.every(({ plan, plannedAt }) => plan === "none" && plannedAt !== undefined)
  );
}
