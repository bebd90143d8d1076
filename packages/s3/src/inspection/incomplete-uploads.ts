import { isDead } from "@carrel/node-stream/sink";
import { TransferError } from "@carrel/core";
import { incomingKeysOf, uploadKeysOf } from "../store/keys.ts";
import { Lease } from "../upload/lease.ts";
import type { OpenUpload } from "../store/store-objects.ts";
import type { Store } from "../store/store.ts";
import { parseUploadRecord } from "../upload/upload-record.ts";
import type { UploadRecord } from "../upload/upload-record.ts";

/** An upload of ours that is not completed. */
export interface IncompleteUpload {
  /** The object that it would become, such as `s3://images/lab/disk.iso`. */
  readonly location: string;
  readonly sizeBytes: number;
  readonly parts: number;
  readonly startedAt: Date | undefined;
  /** Whether a run has given a sign of life a short time ago. Whether it really lives is decided when the upload is to be ended. */
  readonly isInUse: boolean;
  /** @internal */
  readonly found: FoundUpload;
}

/** @internal */
export interface FoundUpload extends OpenUpload {
  readonly recordKey: string;
}

/** Incomplete uploads below a prefix. */
export interface IncompleteUploads {
  readonly ours: readonly IncompleteUpload[];
  /** How many others there are: of other programs. */
  readonly others: number;
}

/** Runs write their records every 5 seconds. */
const signOfLifeMs = 20_000;

/** What became of an upload that was to be ended. */
export type EndedUpload =
  | "ended"
  /** A living run has it. */
  | "in-use"
  /** It was completed, or ended, or another run began another one. */
  | "gone";

/**
 * Lists incomplete uploads. Those with a record of ours are ours.
 *
 * Cost on the wire: a request for each thousand uploads, and two or more for each upload.
 */
export async function listIncompleteUploads(
  store: Store,
  prefix: string,
  { clockAheadMs, signal }: { readonly clockAheadMs: number; readonly signal: AbortSignal },
): Promise<IncompleteUploads> {
  const ours: IncompleteUpload[] = [];
  let others = 0;
  for await (const upload of store.openUploads(prefix)) {
    signal.throwIfAborted();
    const found = await findRecord(store, upload, signal);
    const parts = found && (await store.listParts(upload.key, upload.uploadId, signal));
    if (found === undefined) others += 1;
    // Without parts it was completed meanwhile.
    if (found === undefined || parts === undefined) continue;
    const { modifiedAtMs, record, recordKey } = found;
    const stillMs = Date.now() + clockAheadMs - modifiedAtMs;
    const isInUse = record.owner !== undefined && !isDead(record.owner) && stillMs < signOfLifeMs;
    ours.push({
      location: store.locationOf(upload.key),
      sizeBytes: parts.reduce((sum, { bytes }) => sum + bytes, 0),
      parts: parts.length,
      startedAt: upload.startedAt,
      isInUse,
      found: { ...upload, recordKey },
    });
  }
  return { ours, others };
}

/**
 * Ends an upload and removes its record, as a run does that starts over: it takes the record over first, so that a living run
 * keeps its upload.
 */
export async function endUpload(
  store: Store,
  { found }: Pick<IncompleteUpload, "found">,
  signal: AbortSignal,
): Promise<EndedUpload> {
  const { key, recordKey, uploadId } = found;
  try {
    const lease = await Lease.open({ store, key: recordKey, name: key }, {}, signal);
    const { content } = lease;
    if (content === undefined || !isOf(content, uploadId)) {
      await lease.release();
      return "gone";
    }
    await store.abortUpload({ key, uploadId });
    await lease.remove();
    return "ended";
  } catch (error) {
    if (error instanceof TransferError && (error.problem === "locked" || error.problem === "lock-lost"))
      return "in-use";
    throw error;
  }
}

/** The keys that its record may have: of a download, and of a mirror, which has one for each content version of an item. */
async function* recordKeysOf(store: Store, key: string, signal: AbortSignal): AsyncGenerator<string> {
  yield* uploadKeysOf(key);
  const incoming = incomingKeysOf(key);
  if (incoming === undefined) return;
  for await (const object of store.objects(incoming.prefix, signal)) {
    if (object.key.endsWith(incoming.end)) yield object.key;
  }
}

interface FoundRecord {
  readonly record: UploadRecord;
  readonly recordKey: string;
  readonly modifiedAtMs: number;
}

async function findRecord(
  store: Store,
  { key, uploadId }: OpenUpload,
  signal: AbortSignal,
): Promise<FoundRecord | undefined> {
  for await (const recordKey of recordKeysOf(store, key, signal)) {
    const found = await store.readText(recordKey, signal);
    const record = found && parseUploadRecord(found.text);
    if (found !== undefined && record !== undefined && isOf(record, uploadId))
      return { record, recordKey, modifiedAtMs: found.modifiedAtMs };
  }
  return undefined;
}

/** A run that was killed as it began an upload did not record it. */
function isOf({ upload, verdict }: Pick<UploadRecord, "upload" | "verdict">, uploadId: string): boolean {
  return upload === undefined ? verdict === undefined : upload.uploadId === uploadId;
}
