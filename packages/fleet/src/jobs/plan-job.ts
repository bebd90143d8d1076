import type { CarrelClient } from "@carrel/core";
import { isNotFound } from "@carrel/core/kit";
import { MirrorError } from "@carrel/mirror";
import type { MirrorReport } from "@carrel/mirror";
import { planMirror } from "@carrel/mirror/items";
import type { HandOver, PlanOptions } from "@carrel/mirror/items";
import { vcenterSource } from "@carrel/mirror/source";
import { quote } from "@carrel/node-stream/fs";
import type { JobResult, PgBoss } from "pg-boss";
import { LinkedAbort } from "@carrel/core/kit";
import { placeOfMirror } from "../connections.ts";
import type { Connections } from "../connections.ts";
import { FleetError } from "../errors.ts";
import type { FleetEvent } from "../events.ts";
import type { FleetOptions } from "../fleet.ts";
import { insertItems } from "../queues.ts";
import type { ItemData, PlanJob } from "../queues.ts";
import { engineSchema } from "../store.ts";
import type { FleetStore } from "../store.ts";
import { errorJson } from "./job-errors.ts";

/** What mirrors are compared with their libraries with. */
export interface PlanWork {
  readonly boss: PgBoss;
  readonly store: FleetStore;
  readonly connections: Connections;
  readonly placeFor: FleetOptions["placeFor"];
  readonly stop: AbortSignal;
  readonly emit: (event: FleetEvent) => void;
}

/** Compares one library with its mirror, and has the items updated that are not in place. Never rejects. */
export async function runPlanJob(job: PlanJob, work: PlanWork): Promise<JobResult> {
  const { id } = job;
  const { mirror } = job.data;
  using abort = new LinkedAbort(job.signal, work.stop);
  try {
    await plan(mirror, abort.signal, work);
    return { id, status: "completed" };
  } catch (error) {
    const json = errorJson(error);
    if (!abort.signal.aborted) {
      await work.store.savePlan(mirror, { error: json }).catch(() => undefined);
      work.emit({ type: "plan-failed", mirror, error: json, isDead: job.retryCount >= job.retryLimit });
    }
    return { id, status: "failed", output: { error: json } };
  }
}

async function plan(name: string, signal: AbortSignal, work: PlanWork): Promise<void> {
  const { boss, store, connections, placeFor, emit } = work;
  const { document } = (await store.readDocument()) ?? {};
  const mirror = document?.mirrors[name];
  if (document === undefined || mirror === undefined) return;
  const { client } = await connections.to(mirror.vcenter, document);
  const library = await findLibrary(client, mirror.library, signal);
  let items = 0;
  const handOver: HandOver = {
    // Before the records are read: see there.
    busy: await busyItems(store, name),
    take: async ({ id, name: libraryName }, all) => {
      const data = all.map(({ itemId, item, replaces }): ItemData => ({
        mirror: name,
        vcenter: mirror.vcenter,
        library: { id, name: libraryName },
        itemId,
        item,
        ...(replaces !== undefined && { replaces }),
      }));
      await insertItems(boss, data, mirror.priority ?? 0);
      await forgetDead(boss, store, name, new Set(all.map(({ itemId }) => itemId)));
      items = all.length;
    },
  };
  const options: PlanOptions = {
    handOver,
    delete: mirror.delete ?? false,
    ...(mirror.publish !== undefined && { publish: mirror.publish }),
    checkSpace: false,
    onEvent: () => {},
    signal,
  };
  const place = await placeOfMirror(mirror, document, placeFor);
  const report = await planMirror(vcenterSource(client), library, place, options).catch(reportOf);
  const { unchanged } = report.plan;
  const failed = report.failed.length + report.notDeleted.length;
  const [first] = [...report.failed, ...report.notDeleted];
  await store.savePlan(name, { items, unchanged, ...(first !== undefined && { error: errorJson(first.error) }) });
  emit({ type: "planned", mirror: name, items, unchanged, deleted: report.counts.deleted, failed });
}

/** Items that cannot have their place do not keep the others from it. */
function reportOf(error: unknown): MirrorReport {
  if (error instanceof MirrorError && error.problem === "incomplete" && error.report !== undefined) return error.report;
  throw error;
}

async function busyItems(store: FleetStore, mirror: string): Promise<ReadonlySet<string>> {
  const rows = await store.query<{ id: string }>(
    `select data->>'itemId' as id from ${engineSchema}.job
     where name = 'item' and state <= 'active' and data->>'mirror' = $1`,
    [mirror],
  );
  return new Set(rows.map(({ id }) => id));
}

/** Forgets that items were given up which are tried again now. */
async function forgetDead(boss: PgBoss, store: FleetStore, mirror: string, items: ReadonlySet<string>): Promise<void> {
  const rows = await store.query<{ id: string; item: string }>(
    `select id, data->>'itemId' as item from ${engineSchema}.job where name = 'item-dead' and data->>'mirror' = $1`,
    [mirror],
  );
  const ids = rows.filter(({ item }) => items.has(item)).map(({ id }) => id);
  if (ids.length > 0) await boss.deleteJob("item-dead", ids);
}

const uuid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/iu;

/** Finds a library by its name or its id. */
async function findLibrary(client: CarrelClient, wanted: string, signal: AbortSignal): Promise<string> {
  if (uuid.test(wanted)) {
    try {
      return (await client.library.get(wanted, { signal })).id ?? wanted;
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
  const ids = await client.library.find({ name: wanted }, { signal });
  const [only] = ids;
  if (only !== undefined && ids.length === 1) return only;
  const count = only === undefined ? "there is none of that name" : `there are ${ids.length} of that name`;
  throw new FleetError(`Cannot find library ${quote(wanted)}: ${count}`, { problem: "library" });
}
