import { readdir, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { PGlite } from "@electric-sql/pglite";
import { CarrelError } from "@carrel/core";
import { FileLock, makeDirectory, onDisk, quote } from "@carrel/node-stream/fs";
import type { ConstructorOptions } from "pg-boss";
import { FleetError } from "../errors.ts";
import { ProcessSlots } from "../slots/slots.ts";
import type { VcenterSlots } from "../slots/slots.ts";
import type { FleetDatabase } from "./database.ts";

/** The major version of PostgreSQL that PGlite 0.5 is. It opens no directory of another one. */
const major = "18";

/** PostgreSQL in this process, in a directory that this process has to itself. */
export class EmbeddedDatabase implements FleetDatabase {
  readonly kind = "embedded";
  readonly location: string;
  readonly version: string;
  readonly engine: ConstructorOptions;
  readonly #pglite: PGlite;
  readonly #lock: FileLock | undefined;

  private constructor(location: string, pglite: PGlite, engine: ConstructorOptions, facts: EmbeddedFacts) {
    this.location = location;
    this.version = facts.version;
    this.engine = engine;
    this.#pglite = pglite;
    this.#lock = facts.lock;
  }

  /**
   * Opens the database in a directory; it is created where it does not exist. One of another major version is
   * replaced by an empty one: what is in it can be found out again by planning.
   * @throws {@link FleetError} `locked`, `database-directory`.
   */
  static async open(directory: string): Promise<EmbeddedDatabase> {
    // Two processes in one directory would lose each other's writes without an error.
    const lockPath = `${directory}.lock`;
    const inUse = (holder: string): FleetError =>
      new FleetError(`Cannot open the database ${quote(directory)}: another process has it (${holder})`, {
        problem: "locked",
        database: directory,
        holder,
      });
    await makeDirectory(dirname(directory));
    const lock = await onDisk("lock", lockPath, () => FileLock.acquire(lockPath, inUse));
    try {
      await prepare(directory);
      const pglite = await create(directory);
      return await EmbeddedDatabase.#of(directory, pglite, lock);
    } catch (error) {
      await lock[Symbol.asyncDispose]();
      if (error instanceof CarrelError) throw error;
      throw new FleetError(`Cannot open the database ${quote(directory)}: its files cannot be used`, {
        problem: "database-directory",
        database: directory,
        cause: error,
      });
    }
  }

  /** Opens a database in memory, for tests. @param loadDataDir - A directory that was dumped. */
  static async inMemory(loadDataDir?: Blob): Promise<EmbeddedDatabase> {
    return await EmbeddedDatabase.#of("memory", await create(undefined, loadDataDir));
  }

  static async #of(location: string, pglite: PGlite, lock?: FileLock): Promise<EmbeddedDatabase> {
    const { fromPglite } = await import("pg-boss");
    const { rows } = await pglite.query<{ version: string }>("select current_setting('server_version') as version");
    const version = rows[0]?.version ?? major;
    return new EmbeddedDatabase(location, pglite, { db: fromPglite(pglite), backend: "pglite" }, { version, lock });
  }

  openSlots(): VcenterSlots {
    return new ProcessSlots();
  }

  /** Returns the files of the database as an archive, for tests. */
  async dump(): Promise<Blob> {
    return await this.#pglite.dumpDataDir("gzip");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pglite.close();
    await this.#lock?.[Symbol.asyncDispose]();
  }
}

interface EmbeddedFacts {
  readonly version: string;
  readonly lock: FileLock | undefined;
}

/** Makes a directory that can be opened: beside it and then renamed, because a killed run would leave one that never opens. */
async function prepare(directory: string): Promise<void> {
  const found = await readFile(join(directory, "PG_VERSION"), "utf8").catch(() => undefined);
  if (found?.trim() === major) return;
  if (found === undefined) await refuseOthers(directory);
  const draft = join(dirname(directory), `.${basename(directory)}.new`);
  await onDisk("delete", draft, () => rm(draft, { recursive: true, force: true }));
  const pglite = await create(draft);
  await pglite.close();
  await onDisk("delete", directory, () => rm(directory, { recursive: true, force: true }));
  await onDisk("rename", draft, () => rename(draft, directory));
}

/** What is not a database is somebody's, and is never replaced by one. */
async function refuseOthers(directory: string): Promise<void> {
  const names = await readdir(directory).catch(() => []);
  if (names.length === 0) return;
  throw new FleetError(`Cannot use the directory ${quote(directory)} for a database: it has other things in it`, {
    problem: "database-directory",
    database: directory,
  });
}

async function create(dataDir: string | undefined, loadDataDir?: Blob): Promise<PGlite> {
  const { PGlite } = await import("@electric-sql/pglite");
  return await PGlite.create({
    ...(dataDir !== undefined && { dataDir }),
    ...(loadDataDir !== undefined && { loadDataDir }),
  });
}
