import { isNotFound } from "@carrel/core/kit";
import type { DownloadEvent } from "@carrel/core";
import type { ConcurrencyLimit } from "@carrel/node-stream";
import { updateOneItem } from "@carrel/mirror/items";
import type { MirroredItem } from "@carrel/mirror";
import type { JobResult } from "pg-boss";
import { Claim } from "../claim.ts";
import { placeOfMirror } from "../connections.ts";
import type { Connections } from "../connections.ts";
import { FleetError } from "../errors.ts";
import type { FleetEvent } from "../events.ts";
import type { FleetConnection, FleetOptions } from "../fleet.ts";
import type { ItemJob } from "../queues.ts";
import { SlotLimit } from "../slots/slots.ts";
import type { VcenterSlots } from "../slots/slots.ts";
import type { FleetStore } from "../store.ts";
import { claimedSource, endSession } from "./claimed-item.ts";
import { errorJson, isLasting } from "./job-errors.ts";

/** What the work on items is done with. */
export interface ItemWork {
  readonly store: FleetStore;
  readonly connections: Connections;
  readonly placeFor: FleetOptions["placeFor"];
  readonly slots: VcenterSlots;
  /** The files of this worker. */
  readonly local: ConcurrencyLimit;
  readonly worker: string;
  readonly stop: AbortSignal;
  readonly emit: (event: FleetEvent) => void;
  readonly onDatabase: (error: unknown) => void;
  /** Counts what was done. */
  readonly onDone: (receivedBytes: number | undefined) => void;
}

/** What the engine keeps of an item that is in place. */
export interface ItemOutput {
  readonly worker: string;
  readonly action: MirroredItem["action"] | "none";
  readonly receivedBytes: number;
}

/** Brings one item into place; says what the engine is to do next. Never rejects. */
export async function runItemJob(job: ItemJob, work: ItemWork): Promise<JobResult> {
  const { id, data } = job;
  const { mirror, item, itemId } = data;
  const name = { mirror, item, itemId };
  const { worker, emit } = work;
  let claim: Claim | undefined;
  try {
    claim = await Claim.begin(job, work);
    const isTakenOver = claim.before !== undefined && claim.before.worker !== worker;
    emit({ type: "started", ...name, attempt: job.retryCount + 1, isTakenOver });
    const done = await updateItem(job, claim, work);
    await work.store.deleteWork(job);
    const output: ItemOutput = { worker, action: done?.action ?? "none", receivedBytes: done?.receivedBytes ?? 0 };
    emit({ type: "mirrored", ...name, action: output.action, receivedBytes: output.receivedBytes });
    work.onDone(output.receivedBytes);
    return { id, status: "completed", output };
  } catch (error) {
    const isStopped = work.stop.aborted;
    if (claim?.isLost === true || (error instanceof FleetError && error.problem === "lost-claim")) {
      emit({ type: "lost", ...name });
    } else if (!isStopped) {
      const isDead = isLasting(error) || job.retryCount >= job.retryLimit;
      emit({ type: "failed", ...name, error: errorJson(error), isDead });
      work.onDone(undefined);
      return { id, status: isDead ? "deadletter" : "failed", output: { worker, error: errorJson(error) } };
    }
    return { id, status: "failed", output: { worker, error: errorJson(error) } };
  } finally {
    await claim?.[Symbol.asyncDispose]();
  }
}

/** @returns `undefined` where it was in place, or no longer exists: the next plan deletes it. */
async function updateItem(job: ItemJob, claim: Claim, work: ItemWork): Promise<MirroredItem | undefined> {
  const { mirror: name, library, itemId, replaces } = job.data;
  const { document } = (await work.store.readDocument()) ?? {};
  const mirror = document?.mirrors[name];
  // It was taken out of the document since.
  if (document === undefined || mirror === undefined) return undefined;
  const connection = await work.connections.to(mirror.vcenter, document);
  const { client, pool } = connection;
  const transfers = document.vcenters[mirror.vcenter]?.transfers ?? 1;
  const onLost = (error: Error): void => claim.lose(error);
  const { slots, local } = work;
  const { signal } = claim;
  try {
    return await updateOneItem(claimedSource(client, claim), await placeOfMirror(mirror, document, work.placeFor), {
      library,
      itemId,
      ...(replaces !== undefined && { replaces }),
      download: { pool, concurrency: new SlotLimit({ slots, vcenter: mirror.vcenter, transfers, local, onLost }) },
      onEvent: (event) => noteEvent(event, job, claim, work),
      onWait: () => {},
      signal,
    });
  } catch (error) {
    // What it was ended by says more than what came of that.
    signal.throwIfAborted();
    if (isNotFound(error) && !(await exists(connection, itemId))) return undefined;
    throw error;
  } finally {
    // A claim that is lost belongs to another worker, and its session as well.
    if (!claim.isLost) await endLeftSession(connection, claim);
  }
}

/** Ends the session of an attempt before that was not taken over, and notes that this one's has ended. */
async function endLeftSession({ client }: FleetConnection, claim: Claim): Promise<void> {
  const { session, before } = claim;
  if (session === undefined) return;
  if (session.id === before?.sessionId) await endSession(client, claim);
  else claim.forgetSession();
  await claim.save().catch(() => undefined);
}

async function exists({ client }: FleetConnection, itemId: string): Promise<boolean> {
  try {
    await client.item.get(itemId);
    return true;
  } catch (error) {
    return !isNotFound(error);
  }
}

function noteEvent(event: DownloadEvent, { data }: ItemJob, claim: Claim, { emit }: ItemWork): void {
  const { mirror, item, itemId } = data;
  if (event.type === "plan") {
    for (const { name: file, sizeBytes: totalBytes } of event.files) {
      claim.noteFile({ file, bytes: 0, ...(totalBytes !== undefined && { totalBytes }) });
    }
  } else if (event.type === "transferring" || event.type === "finished" || event.type === "skipped") {
    const bytes = event.type === "transferring" ? event.receivedBytes : event.sizeBytes;
    const totalBytes = event.type === "transferring" ? event.totalBytes : event.sizeBytes;
    const progress = { file: event.file, bytes, ...(totalBytes !== undefined && { totalBytes }) };
    claim.noteFile(progress);
    emit({ type: "progress", mirror, item, itemId, ...progress });
  }
}
