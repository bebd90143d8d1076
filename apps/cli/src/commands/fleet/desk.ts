import { CarrelError, systemClock } from "@carrel/core";
import { sleep } from "@carrel/core/kit";
import type { Fleet } from "@carrel/fleet";
import { CliError, exitCodes } from "../../process/cli-error.ts";
import type { Run } from "../../run/run-command.ts";
import { makeOwnDirectory } from "../../state/own-file.ts";
import { FleetControl } from "./control-client.ts";
import { socketOf } from "./control-socket.ts";
import type { FleetDatabase } from "./database.ts";
import { loadEngine } from "./load-fleet.ts";
import { surroundingsOf } from "./surroundings.ts";
import type { FleetSurroundings } from "./surroundings.ts";

/** What a person asks of a fleet, whether this process has its database or a worker beside it. */
export type FleetDesk = Omit<Fleet, "run">;

/** How long is waited for a process that has the embedded database, and does not listen: it is a command, or is starting. */
const patienceMs = 15_000;
const pauseMs = 250;

/**
 * Opens a fleet. Where a worker on this machine has the embedded database, the worker is asked; the database itself cannot be
 * opened twice.
 */
export async function openDesk(database: FleetDatabase, run: Run): Promise<FleetDesk> {
  return await openPatiently(database, run, (worker) => worker);
}

/**
 * Opens a fleet in this process, for a worker.
 *
 * @throws `CliError` exit code 1: another worker has the embedded database.
 */
export async function openForWork(database: FleetDatabase, run: Run): Promise<Fleet> {
  return await openPatiently(database, run, () => {
    throw new CliError("A worker runs already on this database, which can have only one", {
      exitCode: exitCodes.failed,
      hints: ["Several workers share a PostgreSQL: CARREL_FLEET_DATABASE", "To see what it does: carrel fleet status"],
    });
  });
}

/** @param found - Called with the worker that has the embedded database. */
async function openPatiently<T>(
  { kind, location }: FleetDatabase,
  run: Run,
  found: (worker: FleetControl) => T,
): Promise<T | Fleet> {
  const open = async (): Promise<Fleet> => {
    const { openFleet } = await loadEngine();
    const surroundings = surroundingsOf(run);
    return withSurroundings(await openFleet({ database: location, ...surroundings }), surroundings);
  };
  if (kind === "postgresql") return await open();
  await makeOwnDirectory(location);
  const until = performance.now() + patienceMs;
  for (;;) {
    const worker = await FleetControl.connect(socketOf(location));
    if (worker !== undefined) return found(worker);
    try {
      return await open();
    } catch (error) {
      if (!isLocked(error) || performance.now() > until) throw error;
    }
    await sleep(run.io.clock ?? systemClock, pauseMs, run.signal);
  }
}

/** The same fleet; disposal closes what it got from this machine, too. */
function withSurroundings(fleet: Fleet, surroundings: FleetSurroundings): Fleet {
  return {
    document: () => fleet.document(),
    apply: (document) => fleet.apply(document),
    sync: (mirrors) => fleet.sync(mirrors),
    run: (options) => fleet.run(options),
    status: () => fleet.status(),
    cancel: (selection) => fleet.cancel(selection),
    retry: (selection) => fleet.retry(selection),
    history: (selection) => fleet.history(selection),
    doctor: () => fleet.doctor(),
    async [Symbol.asyncDispose]() {
      try {
        await fleet[Symbol.asyncDispose]();
      } finally {
        await surroundings[Symbol.asyncDispose]();
      }
    },
  };
}

function isLocked(error: unknown): boolean {
  return error instanceof CarrelError && error.code === "FLEET" && error.toJSON().problem === "locked";
}
