import { createHash, randomBytes } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { StoreError } from "../store/store-error.ts";
import { ConditionFailed } from "../store/store.ts";
import type { HashedBytes } from "../store/store-objects.ts";
import type { Store } from "../store/store.ts";
import type { MissingFeature } from "../store/store-features.ts";

/** What a store does with something that it may not know: `refused` with an error, or `ignored` without a word. */
export type Support = "honoured" | "refused" | "ignored";

/** What a trial found out about a store. */
export interface Trial {
  /** Whether a write can be made to depend on what has its key. */
  readonly writeConditions: Support;
  /** The same of the request that completes an upload. */
  readonly completionConditions: Support;
  /** Whether it keeps the SHA-256 that came with a write. */
  readonly checksums: Support;
  /** Whether bytes that arrive damaged are refused. */
  readonly damagedBytes: "refused" | "accepted";
  /** By how much the store's clock is ahead of this machine's. */
  readonly clockAheadMs: number;
}

const attempts = 3;
const pauseMs = 500;
/** No trial takes so long. */
const oldMs = 600_000;

/**
 * Tries what uploads need, with an object of a few bytes that no other program uses. Afterwards nothing of it is left, also where a
 * step failed.
 *
 * @throws `StoreError`: a step failed, or what was written was not what could be read.
 */
export async function tryStore(
  store: Store,
  prefix: string,
  { missing, signal }: { readonly missing: ReadonlySet<MissingFeature>; readonly signal: AbortSignal },
): Promise<Trial> {
  const prefixOfTrials = `${prefix}.carrel/trial-`;
  const key = prefixOfTrials + randomBytes(8).toString("hex");
  let trial: Trial;
  try {
    trial = await run(store, key, { missing, signal });
  } catch (error) {
    // The reason is what failed first.
    await cleanUp(store, key).catch(() => {});
    throw error;
  }
  await cleanUp(store, key);
  await removeOld(store, prefixOfTrials, Date.now() + trial.clockAheadMs - oldMs);
  return trial;
}

/** Removes what trials left that were killed. */
async function removeOld(store: Store, prefix: string, beforeMs: number): Promise<void> {
  for await (const { key, modifiedAtMs } of store.objects(prefix)) {
    if (modifiedAtMs < beforeMs) await store.delete(key);
  }
  for await (const { startedAt, ...upload } of store.openUploads(prefix)) {
    if (startedAt !== undefined && startedAt.getTime() < beforeMs) await store.abortUpload(upload);
  }
}

async function run(
  store: Store,
  key: string,
  { missing, signal }: { readonly missing: ReadonlySet<MissingFeature>; readonly signal: AbortSignal },
): Promise<Trial> {
  const text = `A trial of carrel doctor: ${key}\n`;
  const content = hashed(text);
  const startedAtMs = Date.now();
  await store.put(key, content, { condition: { absent: true }, signal });
  const found = await store.readText(key, signal);
  if (found?.text !== text) throw wrongBytes(store, key);
  const head = await store.head(key, signal);
  const writeConditions = await supportOf(missing, [
    () => store.put(key, content, { condition: { absent: true }, signal }),
    () => store.put(key, content, { condition: { etag: '"00000000000000000000000000000000"' }, signal }),
  ]);
  const damaged = { bytes: hashed("damaged").bytes, sha256: content.sha256 };
  const isObjectRefused = await isRefused(() => store.put(key, damaged, { condition: undefined, signal }));

  const uploadId = await store.createUpload(key, {}, signal);
  const upload = { key, uploadId };
  const isPartRefused = await isRefused(() => store.uploadPart(upload, 1, damaged, signal));
  const part = await store.uploadPart(upload, 1, content, signal);
  const listed = (await store.listParts(key, uploadId, signal)) ?? [];
  if (listed.length !== 1 || listed[0]?.bytes !== content.bytes.length) throw wrongBytes(store, key);
  const completionConditions = await supportOf(missing, [
    () => store.completeUpload(upload, [part], { condition: { absent: true }, signal }),
  ]);
  if (completionConditions === "honoured") {
    const etag = (await store.head(key, signal))?.etag ?? "";
    await store.completeUpload(upload, [part], { condition: { etag }, signal });
  }
  if ((await store.readText(key, signal))?.text !== text) throw wrongBytes(store, key);
  const keptSha256 = head?.sha256 === content.sha256.toString("base64");
  return {
    writeConditions,
    completionConditions,
    checksums: missing.has("checksums") ? "refused" : keptSha256 ? "honoured" : "ignored",
    damagedBytes: isObjectRefused && isPartRefused ? "refused" : "accepted",
    clockAheadMs: found.modifiedAtMs - startedAtMs,
  };
}

/** Sends requests whose conditions do not hold. */
async function supportOf(
  missing: ReadonlySet<MissingFeature>,
  requests: readonly (() => Promise<unknown>)[],
): Promise<Support> {
  for (const request of requests) {
    try {
      await request();
      return missing.has("conditions") ? "refused" : "ignored";
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
    }
  }
  return "honoured";
}

async function isRefused(request: () => Promise<unknown>): Promise<boolean> {
  try {
    await request();
    return false;
  } catch (error) {
    if (error instanceof StoreError && (error.obstacle === "damaged" || error.status === 400)) return true;
    throw error;
  }
}

/** Removes what the trial made, in any case: by the key, because the answer to a request may have been lost. */
async function cleanUp(store: Store, key: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await store.abortUploads(key);
      await store.delete(key);
      return;
    } catch (error) {
      if (attempt === attempts) throw error;
      await setTimeout(pauseMs);
    }
  }
}

function hashed(text: string): HashedBytes {
  const bytes = Buffer.from(text);
  return { bytes, sha256: createHash("sha256").update(bytes).digest() };
}

function wrongBytes(store: Store, key: string): StoreError {
  const path = store.locationOf(key);
  return new StoreError(`Cannot read "${path}": the bytes are not those that were written`, {
    obstacle: "damaged",
    path,
  });
}
