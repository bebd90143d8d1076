import type { Store } from "./store.ts";
import type { UploadedPart } from "./store-objects.ts";

const mebibyte = 1_048_576;
/** A store refuses to copy more than 5 GiB in one request, and a request of minutes looks like a dead connection. */
const longestCopyBytes = 512 * mebibyte;
/** Of 10,000 that a store takes. */
const mostParts = 9_000;
const partsInFlight = 4;

/** An object as it was seen. */
export interface SeenObject {
  readonly key: string;
  readonly sizeBytes: number;
  readonly etag: string;
}

/** Copies an object within the store, if it is still what was seen: nothing of it is fetched. Returns the ETag of the copy. */
export async function copyObject(store: Store, from: SeenObject, key: string, signal: AbortSignal): Promise<string> {
  if (from.sizeBytes <= longestCopyBytes) return store.copy(from, key, { signal });
  // Of a run that was killed here.
  await store.abortUploads(key);
  const uploadId = await store.createUpload(key, {}, signal);
  try {
    const parts = await copyParts(store, from, { key, uploadId }, signal);
    return await store.completeUpload({ key, uploadId }, parts, { condition: { absent: true }, signal });
  } catch (error) {
    await store.abortUpload({ key, uploadId }).catch(() => {});
    throw error;
  }
}

async function copyParts(
  store: Store,
  from: SeenObject,
  { key, uploadId }: { readonly key: string; readonly uploadId: string },
  signal: AbortSignal,
): Promise<readonly UploadedPart[]> {
  const partBytes = Math.max(longestCopyBytes, Math.ceil(from.sizeBytes / mostParts / mebibyte) * mebibyte);
  const count = Math.ceil(from.sizeBytes / partBytes);
  const parts: UploadedPart[] = [];
  for (let first = 1; first <= count; first += partsInFlight) {
    const numbers = Array.from({ length: Math.min(partsInFlight, count - first + 1) }, (_, index) => first + index);
    const copied = numbers.map(async (number) => {
      const start = (number - 1) * partBytes;
      const end = Math.min(start + partBytes, from.sizeBytes);
      const etag = await store.copy(from, key, { part: { uploadId, number, start, end }, signal });
      return { number, bytes: end - start, etag, sha256: undefined };
    });
    parts.push(...(await Promise.all(copied)));
  }
  return parts;
}
