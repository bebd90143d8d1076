import type { CarrelErrorJson } from "@carrel/core";
import { defined } from "@carrel/core/kit";
import type { PgBoss } from "pg-boss";
import type { FleetDatabase } from "./database/database.ts";
import { nextTimes } from "./document.ts";
import type { FleetDocument } from "./document.ts";
import type { FleetSelection } from "./fleet.ts";
import { selectionSql } from "./items.ts";
import type { ItemData } from "./queues.ts";
import type {
  FleetDeadItem,
  FleetFile,
  FleetHistoryEntry,
  FleetItemAtWork,
  FleetItemWaiting,
  FleetMirrorStatus,
  FleetStatus,
  FleetWorker,
} from "./status.ts";
import { engineSchema } from "./store.ts";
import type { FleetStore } from "./store.ts";

/** A job about an item, as the engine has it. Times in milliseconds. */
interface JobRow {
  readonly id: string;
  readonly state: "created" | "retry" | "active" | "completed" | "cancelled" | "failed";
  readonly data: ItemData;
  readonly attempts: number;
  readonly created: number;
  readonly started: number | null;
  readonly ended: number | null;
  readonly start_after: number;
  readonly output: {
    readonly worker?: string;
    readonly receivedBytes?: number;
    readonly error?: CarrelErrorJson;
  } | null;
  readonly worker: string | null;
  readonly dead_attempts: number | null;
  readonly dead_output: { readonly error?: CarrelErrorJson } | null;
}

const millis = (column: string): string => `(extract(epoch from ${column}) * 1000)::float8`;

const jobColumns = `job.id, job.state::text as state, job.data, job.retry_count as attempts,
  ${millis("job.created_on")} as created, ${millis("job.started_on")} as started, ${millis("job.completed_on")} as ended,
  ${millis("job.start_after")} as start_after, job.output, work.worker, job.source_retry_count as dead_attempts,
  job.source_output as dead_output`;

const jobsAndWork = `from ${engineSchema}.job left join carrel_fleet.work on work.job = job.id`;

/** Reads what a fleet does. */
export async function readStatus(database: FleetDatabase, boss: PgBoss, store: FleetStore): Promise<FleetStatus> {
  const { document } = (await store.readDocument()) ?? {};
  const jobs = await store.query<JobRow>(
    `select ${jobColumns} ${jobsAndWork} where job.name = 'item' and job.state <= 'active'
     order by job.state desc, job.priority desc, job.created_on, job.id`,
  );
  const dead = (
    await store.query<JobRow>(
      `select ${jobColumns} ${jobsAndWork} where job.name = 'item-dead' and job.state <= 'active' order by job.created_on`,
    )
  ).map(deadItem);
  const files = await readFiles(store);
  const atWork = jobs.filter(({ state }) => state === "active").map((job) => itemAtWork(job, files.get(job.id) ?? []));
  const waiting = jobs.filter(({ state }) => state !== "active").map((job) => waitingItem(job, document, atWork));
  const { kind, location, version } = database;
  const countOf = (list: readonly { readonly vcenter: string }[], name: string): number =>
    list.filter(({ vcenter }) => vcenter === name).length;
  return {
    database: { kind, location, version },
    vcenters: Object.entries(document?.vcenters ?? {}).map(([name, { transfers }]) => ({
      name,
      transfers,
      atWork: countOf(atWork, name),
      waiting: countOf(waiting, name),
    })),
    mirrors: await readMirrors(store, document, { atWork, waiting, dead }),
    atWork,
    waiting,
    workers: await readWorkers(boss, atWork),
    dead,
  };
}

/** Lists what was done about an item, the newest first. */
export async function readHistory(store: FleetStore, selection: FleetSelection): Promise<readonly FleetHistoryEntry[]> {
  const { text, values } = selectionSql(selection);
  const rows = await store.query<JobRow>(
    `select ${jobColumns} ${jobsAndWork} where job.name = 'item' and ${text} order by job.created_on desc limit 200`,
    values,
  );
  const states = {
    created: "waiting",
    retry: "retry",
    active: "at-work",
    completed: "completed",
    cancelled: "cancelled",
    failed: "failed",
  } as const;
  return rows.map(({ state, data, attempts, created, started, ended, output, worker }) => ({
    ...nameOf(data),
    state: states[state],
    attempts: attempts + (state === "created" ? 0 : 1),
    createdAt: created,
    ...defined({
      startedAt: started ?? undefined,
      endedAt: ended ?? undefined,
      worker: worker ?? output?.worker,
      receivedBytes: output?.receivedBytes,
      error: output?.error,
    }),
  }));
}

function nameOf({ mirror, item, itemId }: ItemData): Pick<ItemData, "mirror" | "item" | "itemId"> {
  return { mirror, item, itemId };
}

async function readFiles(store: FleetStore): Promise<ReadonlyMap<string, readonly FleetFile[]>> {
  const rows = await store.query<{ job: string; file: string; bytes: number; total: number | null }>(
    `select job, file, bytes::float8 as bytes, total_bytes::float8 as total from carrel_fleet.transfer order by file`,
  );
  const files = Map.groupBy(rows, ({ job }) => job);
  return new Map(
    [...files].map(([job, list]) => [
      job,
      list.map(({ file, bytes, total }) => ({ file, bytes, ...defined({ totalBytes: total ?? undefined }) })),
    ]),
  );
}

function itemAtWork(
  { data, worker, attempts, started, created }: JobRow,
  files: readonly FleetFile[],
): FleetItemAtWork {
  const totals = files.map(({ totalBytes }) => totalBytes);
  const totalBytes =
    files.length > 0 && totals.every((each) => each !== undefined)
      ? totals.reduce((sum, each) => sum + each, 0)
      : undefined;
  return {
    ...nameOf(data),
    vcenter: data.vcenter,
    attempt: attempts + 1,
    startedAt: started ?? created,
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    files,
    ...defined({ worker: worker ?? undefined, totalBytes }),
  };
}

function waitingItem(
  { data, state, attempts, start_after: retryAt, output }: JobRow,
  document: FleetDocument | undefined,
  atWork: readonly FleetItemAtWork[],
): FleetItemWaiting {
  const { vcenter } = data;
  const base = { ...nameOf(data), vcenter, attempts: attempts + (state === "retry" ? 1 : 0) };
  const error = output?.error;
  if (state === "retry") return { ...base, why: "retry", retryAt, ...defined({ error }) };
  const limit = document?.vcenters[vcenter]?.transfers ?? 1;
  const isFull = atWork.filter((item) => item.vcenter === vcenter).length >= limit;
  return { ...base, why: isFull ? "limit" : "queue" };
}

function deadItem({ data, dead_attempts, dead_output, output, created }: JobRow): FleetDeadItem {
  const error = (dead_output ?? output)?.error;
  const attempts = (dead_attempts ?? 0) + 1;
  return { ...nameOf(data), vcenter: data.vcenter, attempts, failedAt: created, ...defined({ error }) };
}

interface MirrorRow {
  readonly name: string;
  readonly planned: number | null;
  readonly items: number | null;
  readonly unchanged: number | null;
  readonly error: CarrelErrorJson | null;
}

async function readMirrors(
  store: FleetStore,
  document: FleetDocument | undefined,
  items: Pick<FleetStatus, "atWork" | "waiting" | "dead">,
): Promise<readonly FleetMirrorStatus[]> {
  const rows = await store.query<MirrorRow>(
    `select name, ${millis("planned_on")} as planned, items, unchanged, error from carrel_fleet.mirror`,
  );
  const known = new Map(rows.map((row) => [row.name, row]));
  const plans = await store.query<{ mirror: string; state: "created" | "retry" | "active" }>(
    `select data->>'mirror' as mirror, state::text as state from ${engineSchema}.job
     where name = 'plan' and state <= 'active'`,
  );
  const planOf = new Map(plans.map(({ mirror, state }) => [mirror, state]));
  const words = { created: "waiting", retry: "retry", active: "at-work" } as const;
  return Object.entries(document?.mirrors ?? {}).map(([name, { vcenter, library, target, cron, timezone }]) => {
    const { planned, items: plannedItems, unchanged, error } = known.get(name) ?? {};
    const state = planOf.get(name);
    const count = (list: readonly { readonly mirror: string }[]): number =>
      list.filter(({ mirror }) => mirror === name).length;
    const [next] = cron === undefined ? [] : nextTimes(cron, { timezone, from: new Date() });
    return {
      name,
      vcenter,
      library,
      target,
      atWork: count(items.atWork),
      waiting: count(items.waiting),
      dead: count(items.dead),
      plan: state === undefined ? "none" : words[state],
      ...defined({
        plannedAt: planned ?? undefined,
        plannedItems: plannedItems ?? undefined,
        unchangedItems: unchanged ?? undefined,
        nextAt: next?.getTime(),
        error: error ?? undefined,
      }),
    };
  });
}

async function readWorkers(boss: PgBoss, atWork: readonly FleetItemAtWork[]): Promise<readonly FleetWorker[]> {
  const instances = await boss.getInstances();
  return instances
    .filter(({ live }) => live)
    .map(({ name, id, host, pid, startedOn, heartbeatOn }) => ({
      name: name ?? id,
      host,
      pid,
      startedAt: startedOn.getTime(),
      seenAt: heartbeatOn.getTime(),
      items: atWork.filter(({ worker }) => worker === name).length,
    }));
}
