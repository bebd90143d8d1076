import { randomUUID } from "node:crypto";
import { unlink } from "node:fs/promises";
import { join } from "node:path";
import { CarrelError } from "@carrel/core";
import { makeDirectory, onDisk, writeNewFile } from "@carrel/node-stream/fs";
import type { PgBoss } from "pg-boss";
import { Connections } from "./connections.ts";
import type { FleetDatabase } from "./database/database.ts";
import type { FleetOptions } from "./fleet.ts";
import { errorJson } from "./jobs/job-errors.ts";
import type { FleetCheck } from "./status.ts";
import type { FleetStore } from "./store.ts";

/** More than this between the clocks of this machine and the database is worth a word: certificates depend on it. */
const clockDifferenceMs = 60_000;

/** Looks at the database, the workers, the vCenters and the targets, and for download sessions that no work is about. */
export async function runDoctor(
  database: FleetDatabase,
  boss: PgBoss,
  store: FleetStore,
  { clientFor, placeFor }: Pick<FleetOptions, "clientFor" | "placeFor">,
): Promise<readonly FleetCheck[]> {
  const { kind, location, version } = database;
  const name = kind === "embedded" ? "PGlite" : "PostgreSQL";
  const checks: FleetCheck[] = [{ check: "database", name: location, result: "ok", message: `${name} ${version}` }];
  const [row] = await store.query<{ now: number }>(
    "select extract(epoch from clock_timestamp())::float8 * 1000 as now",
  );
  const differenceMs = Math.round(Math.abs((row?.now ?? Date.now()) - Date.now()));
  const isClockOff = differenceMs > clockDifferenceMs;
  checks.push({
    check: "clock",
    name: location,
    result: isClockOff ? "warning" : "ok",
    message: `The clock of the database differs from that of this machine by ${differenceMs} ms`,
  });
  const { document } = (await store.readDocument()) ?? {};
  const workers = (await boss.getInstances()).filter(({ live }) => live).length;
  checks.push({
    check: "workers",
    name: location,
    result: workers === 0 ? "warning" : "ok",
    message: workers === 1 ? "1 worker runs" : `${workers} workers run`,
  });
  const left = (await store.abandonedWork()).filter(({ sessionId }) => sessionId !== undefined).length;
  checks.push({
    check: "sessions",
    name: location,
    result: left === 0 ? "ok" : "warning",
    message: left === 0 ? "No download session is left over" : `${left} download sessions are left over`,
  });
  const attempt = async (check: FleetCheck["check"], of: string, work: () => Promise<string>): Promise<void> => {
    try {
      checks.push({ check, name: of, result: "ok", message: await work() });
    } catch (error) {
      if (!(error instanceof CarrelError)) throw error;
      checks.push({ check, name: of, result: "failed", message: error.message, error: errorJson(error) });
    }
  };
  if (document === undefined) return checks;
  await using connections = new Connections(clientFor);
  for (const [vcenter, { transfers }] of Object.entries(document.vcenters)) {
    await attempt("vcenter", vcenter, async () => {
      const { client } = await connections.to(vcenter, document);
      const libraries = await client.library.list();
      return `It shows ${libraries.length} libraries; at most ${transfers} transfers at once`;
    });
  }
  for (const [target, where] of Object.entries(document.targets)) {
    await attempt("target", target, async () => {
      const place = await placeFor(target, where);
      if (!("directory" in place)) return "It is an object store, which is tried when something is written";
      await tryWriting(place.directory);
      return "A file could be written and deleted";
    });
  }
  return checks;
}

async function tryWriting(directory: string): Promise<void> {
  await makeDirectory(directory);
  const path = join(directory, `.carrel-fleet-${randomUUID().slice(0, 8)}.tmp`);
  await onDisk("write", path, async () => {
    await writeNewFile(path, "", { mode: 0o644, sync: true });
    await unlink(path);
  });
}
