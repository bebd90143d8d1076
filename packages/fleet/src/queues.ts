import { PgBoss } from "pg-boss";
import type { Clock, ConstructorOptions, Db, JobInsert, JobWithMetadata, Queue } from "pg-boss";
import type { FleetDocument } from "./document.ts";
import type { FleetDatabase } from "./database/database.ts";
import { engineSchema } from "./store.ts";

/** What the engine is asked to do about a mirror. */
export interface PlanData {
  readonly mirror: string;
}

/** What the engine is asked to do about an item. */
export interface ItemData {
  readonly mirror: string;
  readonly vcenter: string;
  readonly library: { readonly id: string; readonly name: string };
  readonly itemId: string;
  readonly item: string;
  /** Id of an item that no longer exists, and that it takes the place of. */
  readonly replaces?: string;
}

/** A claim on work. */
export type PlanJob = JobWithMetadata<PlanData>;
export type ItemJob = JobWithMetadata<ItemData>;

/** How fast the engine finds out about workers that are gone. In seconds. */
export interface EngineTiming {
  /** Without a sign of life for this long, work is given to another worker. */
  readonly heartbeat: number;
  /** How often that is looked at. */
  readonly monitor: number;
}

/** The engine accepts no shorter heartbeat than 10 seconds. */
export const usualTiming: EngineTiming = { heartbeat: 10, monitor: 3 };

/** A day, the longest that the engine allows: what takes longer is interrupted, and resumed. */
const longestSeconds = 24 * 60 * 60;

function queues({ heartbeat }: EngineTiming): readonly Queue[] {
  const common = {
    policy: "exclusive",
    heartbeatSeconds: heartbeat,
    expireInSeconds: longestSeconds,
    retryLimit: 25,
    retryDelay: 1,
    retryBackoff: true,
    retryDelayMax: 900,
  };
  return [
    { name: "plan", ...common },
    { name: "item-dead", retryLimit: 0, retentionSeconds: 365 * longestSeconds },
    { name: "item", ...common, deadLetter: "item-dead" },
    { name: "sweep", policy: "exclusive", expireInSeconds: 600, retryLimit: 2, retryDelay: 30 },
  ];
}

/** How an engine is made. */
export interface EngineOptions {
  /** Name of the worker; absent where work is only asked for. */
  readonly worker?: string;
  readonly timing: EngineTiming;
  /** For tests. */
  readonly clock?: Clock | undefined;
  readonly onError: (error: Error) => void;
}

/** Starts the engine, and creates the queues that are missing. */
export async function startEngine(
  database: FleetDatabase,
  { worker, timing, clock, onError }: EngineOptions,
): Promise<PgBoss> {
  const role: ConstructorOptions =
    worker === undefined
      ? { supervise: false, schedule: false, registerInstance: false }
      : {
          instanceName: worker,
          instanceHeartbeatSeconds: 10,
          monitorIntervalSeconds: timing.monitor,
          superviseIntervalSeconds: timing.monitor,
        };
  const boss = new PgBoss({
    ...database.engine,
    ...role,
    schema: engineSchema,
    openTelemetry: { enabled: false },
    ...(clock !== undefined && { clock }),
  });
  boss.on("error", onError);
  await boss.start();
  try {
    const known = new Set((await boss.getQueues()).map(({ name }) => name));
    for (const { name, ...options } of queues(timing)) {
      if (!known.has(name)) await boss.createQueue(name, options);
    }
    return boss;
  } catch (error) {
    await boss.stop({ graceful: false });
    throw error;
  }
}

/** Returns an engine's way to its database. */
export function databaseOf(boss: PgBoss): Db {
  return boss.getDb();
}

/** Makes schedules what a document says. Can be repeated at any time. */
export async function applySchedules(boss: PgBoss, { mirrors }: FleetDocument): Promise<void> {
  for (const { key } of await boss.getSchedules("plan")) {
    if (mirrors[key]?.cron === undefined) await boss.unschedule("plan", key);
  }
  for (const [mirror, { cron, timezone = "UTC" }] of Object.entries(mirrors)) {
    if (cron === undefined) continue;
    await boss.schedule("plan", cron, { mirror }, { key: mirror, tz: timezone, singletonKey: mirror, missed: "once" });
  }
  await boss.schedule("sweep", "*/10 * * * *", {}, { singletonKey: "all" });
}

/** Has a mirror compared with its library; returns whether that was not waiting already. */
export async function sendPlan(boss: PgBoss, mirror: string): Promise<boolean> {
  return (await boss.send("plan", { mirror } satisfies PlanData, { singletonKey: mirror })) !== null;
}

/** Items that are inserted at once. */
const batch = 1000;

/** Has items updated. What is waiting or at work already is left out by the engine. */
export async function insertItems(boss: PgBoss, items: readonly ItemData[], priority: number): Promise<void> {
  const jobs = items.map((data): JobInsert<ItemData> => ({
    data,
    priority,
    singletonKey: `${data.mirror}/${data.itemId}`,
    group: { id: data.vcenter, tier: data.vcenter },
  }));
  for (let from = 0; from < jobs.length; from += batch) await boss.insert("item", jobs.slice(from, from + batch));
  // Without it the first minutes after a large insertion are many times slower.
  if (jobs.length >= batch) await databaseOf(boss).executeSql(`analyze ${engineSchema}.job`);
}
