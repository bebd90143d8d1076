import type { ConstructorOptions } from "pg-boss";
import type { Client } from "pg";
import { quote } from "@carrel/node-stream/fs";
import { FleetError } from "../errors.ts";
import { SessionSlots } from "../slots/session-slots.ts";
import type { VcenterSlots } from "../slots/slots.ts";
import type { FleetDatabase } from "./database.ts";

/** The first version whose sessions can end when they are idle, so that the slots of a machine that vanished are freed. */
const oldest = 140_000;
const connectTimeoutMs = 10_000;
/** Connections of a worker, beside the one for its slots. */
const connections = 6;
const probeTimeoutMs = 5_000;

/** A PostgreSQL server. */
export class PostgresDatabase implements FleetDatabase {
  readonly kind = "postgresql";
  readonly location: string;
  readonly version: string;
  readonly engine: ConstructorOptions;
  readonly #connectionString: string;

  private constructor(url: string, location: string, version: string) {
    this.location = location;
    this.version = version;
    this.#connectionString = url;
    this.engine = {
      connectionString: url,
      max: connections,
      application_name: "carrel-fleet",
      connectionTimeoutMillis: connectTimeoutMs,
    };
  }

  /**
   * Connects, and looks whether the database can be used. Where the URL holds no password, it is found as by other programs of
   * PostgreSQL: `PGPASSWORD`, `~/.pgpass`.
   * @throws {@link FleetError} `database-unreachable`, `database-version`, `database-rights`, `database-pooler`.
   */
  static async open(url: string): Promise<PostgresDatabase> {
    const location = withoutPassword(url);
    const first = await connect(url, location);
    try {
      const { rows } = await first.query<{ number: number; version: string }>(
        "select current_setting('server_version_num')::int as number, current_setting('server_version') as version",
      );
      const { number = 0, version = "" } = rows[0] ?? {};
      if (number < oldest) {
        throw new FleetError(`Database ${quote(location)} is PostgreSQL ${version}: version 14 or later is required`, {
          problem: "database-version",
          database: location,
          version,
        });
      }
      await assertOwnSession(first, url, location);
      return new PostgresDatabase(url, location, version.replace(/\s.*$/u, ""));
    } finally {
      await first.end();
    }
  }

  openSlots(): VcenterSlots {
    return new SessionSlots(() => connect(this.#connectionString, this.location));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The engine closes its connections.
  }
}

/** Takes the password out of a URL. */
function withoutPassword(url: string): string {
  const parsed = new URL(url);
  parsed.password = "";
  return parsed.href;
}

async function connect(url: string, location: string): Promise<Client> {
  const { default: pg } = await import("pg");
  const client = new pg.Client({
    connectionString: url,
    application_name: "carrel-fleet",
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: probeTimeoutMs,
    keepAlive: true,
  });
  // A connection that breaks while nobody waits for it is noticed by the next query, or by who listens.
  client.on("error", () => {});
  try {
    await client.connect();
    return client;
  } catch (error) {
    throw connectError(error, location);
  }
}

/** Makes the error for a database that refuses, or does not answer. */
export function connectError(error: unknown, location: string): FleetError {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  const refuses = typeof code === "string" && /^(?:28|42501)/u.test(code);
  const why = error instanceof Error && error.message !== "" ? error.message : String(code ?? error);
  return new FleetError(`Cannot use the database ${quote(location)}: ${why}`, {
    problem: refuses ? "database-rights" : "database-unreachable",
    database: location,
    cause: error,
  });
}

/**
 * Refuses a pooler that gives a session another connection of the server with each transaction: a slot would be acquired in one
 * session and released in another. A second client is put on the connection that the first one used last.
 */
async function assertOwnSession(first: Client, url: string, location: string): Promise<void> {
  const before = await pidOf(first);
  const second = await connect(url, location);
  try {
    await second.query("begin");
    const other = await pidOf(second);
    const after = await pidOf(first).catch(() => undefined);
    if (other !== before && after === before) return;
  } finally {
    await second.end();
  }
  throw new FleetError(
    `Database ${quote(location)} is behind a pooler that shares sessions among transactions: the limits of vCenters need sessions of their own`,
    { problem: "database-pooler", database: location },
  );
}

async function pidOf(client: Client): Promise<number | undefined> {
  const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
  return rows[0]?.pid;
}
