import { hostname } from "node:os";
import { resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { checkNumber } from "@carrel/core/kit";
import type { Clock, PgBoss } from "pg-boss";
import { notFound } from "./connections.ts";
import type { FleetDatabase } from "./database/database.ts";
import { EmbeddedDatabase } from "./database/embedded-database.ts";
import { connectError, PostgresDatabase } from "./database/postgres-database.ts";
import { checkFleetDocument, compareDocuments } from "./document.ts";
import type { FleetChange, FleetDocument } from "./document.ts";
import { runDoctor } from "./doctor.ts";
import { FleetError } from "./errors.ts";
import type { Fleet, FleetOptions, FleetRunOptions, FleetRunReport, FleetSelection } from "./fleet.ts";
import { cancelItems, retryItems } from "./items.ts";
import { applySchedules, databaseOf, sendPlan, startEngine, usualTiming } from "./queues.ts";
import type { EngineTiming } from "./queues.ts";
import { readHistory, readStatus } from "./read-status.ts";
import type { FleetCheck, FleetHistoryEntry, FleetStatus } from "./status.ts";
import { FleetStore } from "./store.ts";
import { Worker } from "./worker.ts";

/**
 * Opens a fleet: its database, which is created or brought up to date where that is needed.
 *
 * The embedded database belongs to one process at a time; a PostgreSQL database is shared by any number of them. Passwords are not
 * written there: `clientFor` and `placeFor` find them again in each process.
 *
 * @throws {@link FleetError} `FLEET`: `database-unreachable`, `database-version`, `database-rights`, `database-pooler`, `locked`,
 * `database-directory`.
 *
 * @example
 * ```ts
 * import { createClient, passwordAuth } from "@carrel/core";
 * import { openFleet } from "@carrel/fleet";
 * import { ConnectionPool } from "@carrel/node-stream";
 *
 * async function mirrorAll(password: string): Promise<void> {
 *   await using fleet = await openFleet({
 *     database: "./fleet-database",
 *     clientFor: async (_name, { server = "" }) => {
 *       const auth = passwordAuth({ username: "reader@vsphere.local", password });
 *       const client = createClient({ endpoint: `https://${server}`, auth });
 *       const pool = new ConnectionPool();
 *       const close = async (): Promise<void> => void (await Promise.all([client.close(), pool.close()]));
 *       return { client, pool, [Symbol.asyncDispose]: close };
 *     },
 *     placeFor: async (_name, target) => ({ directory: "path" in target ? target.path : "./images" }),
 *   });
 *   await fleet.apply({
 *     vcenters: { berlin: { server: "vc.example.com", transfers: 2 } },
 *     targets: { disk: { path: "/srv/images" } },
 *     mirrors: { images: { vcenter: "berlin", library: "Images", target: "disk" } },
 *   });
 *   await fleet.run({ once: true, on: (event) => process.stdout.write(`${event.type}\n`) });
 * }
 * ```
 */
export async function openFleet(options: FleetOptions): Promise<Fleet> {
  const { database } = options;
  const text = database instanceof URL && database.protocol === "file:" ? fileURLToPath(database) : String(database);
  const opened = /^postgres(?:ql)?:\/\//iu.test(text)
    ? await PostgresDatabase.open(text)
    : await EmbeddedDatabase.open(resolve(text));
  try {
    return await openFleetOn(opened, options);
  } catch (error) {
    await opened[Symbol.asyncDispose]();
    throw error;
  }
}

/** What tests choose. */
export interface FleetInternals {
  readonly timing?: EngineTiming;
  readonly clock?: Clock;
}

/** Opens a fleet on a database, which it closes in the end. */
export async function openFleetOn(
  database: FleetDatabase,
  options: Pick<FleetOptions, "clientFor" | "placeFor">,
  { timing = usualTiming, clock }: FleetInternals = {},
): Promise<Fleet> {
  try {
    // An error that nobody waits for is one of a connection that broke: the next query says so.
    const boss = await startEngine(database, { timing, clock, onError: () => {} });
    const store = new FleetStore(databaseOf(boss));
    await store.install();
    return new OpenFleet(database, boss, store, options, { timing, ...(clock !== undefined && { clock }) });
  } catch (error) {
    if (error instanceof FleetError) throw error;
    throw connectError(error, database.location);
  }
}

class OpenFleet implements Fleet {
  readonly #database: FleetDatabase;
  readonly #boss: PgBoss;
  readonly #store: FleetStore;
  readonly #options: Pick<FleetOptions, "clientFor" | "placeFor">;
  readonly #internals: FleetInternals;

  constructor(
    database: FleetDatabase,
    boss: PgBoss,
    store: FleetStore,
    options: Pick<FleetOptions, "clientFor" | "placeFor">,
    internals: FleetInternals,
  ) {
    this.#database = database;
    this.#boss = boss;
    this.#store = store;
    this.#options = options;
    this.#internals = internals;
  }

  async document(): Promise<FleetDocument | undefined> {
    return (await this.#store.readDocument())?.document;
  }

  async apply(document: FleetDocument): Promise<readonly FleetChange[]> {
    const [mistake] = checkFleetDocument(document);
    if (mistake !== undefined) throw new TypeError(`${mistake.path}: ${mistake.message}`);
    const before = await this.document();
    const changes = compareDocuments(before, document);
    // A process that is killed here has applied it: each worker makes the schedules what the document says.
    await this.#store.writeDocument(document);
    await applySchedules(this.#boss, document);
    for (const mirror of Object.keys(before?.mirrors ?? {})) {
      if (document.mirrors[mirror] === undefined) await cancelItems(this.#boss, this.#store, { mirror });
    }
    return changes;
  }

  async sync(mirrors?: readonly string[]): Promise<readonly string[]> {
    const document = await this.#applied();
    for (const mirror of mirrors ?? []) if (document.mirrors[mirror] === undefined) throw notFound("mirror", mirror);
    const sent: string[] = [];
    for (const mirror of mirrors ?? Object.keys(document.mirrors)) {
      if (await sendPlan(this.#boss, mirror)) sent.push(mirror);
    }
    return sent;
  }

  async run(options: FleetRunOptions = {}): Promise<FleetRunReport> {
    const { transfers = 4, once = false, signal, on = () => {}, name = `${hostname()}-${process.pid}` } = options;
    checkNumber("transfers", transfers, { from: 1, to: 256, whole: true });
    const { timing = usualTiming, clock } = this.#internals;
    const worker = new Worker({
      ...this.#options,
      database: this.#database,
      worker: name,
      transfers,
      once,
      signal,
      emit: on,
      timing,
      clock,
    });
    return await worker.run();
  }

  async status(): Promise<FleetStatus> {
    return await readStatus(this.#database, this.#boss, this.#store);
  }

  async cancel(selection: FleetSelection): Promise<number> {
    return await cancelItems(this.#boss, this.#store, selection);
  }

  async retry(selection: FleetSelection = {}): Promise<number> {
    return await retryItems(this.#boss, this.#store, selection);
  }

  async history(selection: FleetSelection): Promise<readonly FleetHistoryEntry[]> {
    return await readHistory(this.#store, selection);
  }

  async doctor(): Promise<readonly FleetCheck[]> {
    return await runDoctor(this.#database, this.#boss, this.#store, this.#options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#boss.stop({ graceful: false }).catch(() => undefined);
    await this.#database[Symbol.asyncDispose]();
  }

  async #applied(): Promise<FleetDocument> {
    const document = await this.document();
    if (document !== undefined) return document;
    throw new FleetError("No document was applied to the fleet yet", { problem: "no-document" });
  }
}
