import type { Sink } from "@carrel/node-stream";
import type { LockOwner } from "@carrel/node-stream/sink";
import { copyObject } from "../store/copy-object.ts";
import { incomingName } from "../store/keys.ts";
import type { MirrorObjects } from "./mirror-objects.ts";
import { StagedFiles } from "./staged-files.ts";
import type { Store } from "../store/store.ts";
import { parseUploadRecord } from "../upload/upload-record.ts";

/** What arrivals in a mirror need. */
export interface IncomingParts {
  readonly store: Store;
  /** What the keys of the mirror begin with: ends in a slash, or is empty. */
  readonly prefix: string;
  readonly objects: MirrorObjects;
  /** @throws `LockLostError`: another run has the lock under which files arrive. */
  readonly assertHeld: () => Promise<void>;
  /** Whether a process is the one that this lock was taken over from, because it stood still. */
  readonly isStill: (owner: LockOwner) => boolean;
  readonly smallestPartBytes: number;
  readonly partsInFlight: number;
}

/** The record of an upload that an earlier run began. */
interface KnownUpload {
  /** Of the content version of an item. */
  readonly name: string;
  readonly directory: string;
  readonly file: string;
  /** Relative to where all of them are. */
  readonly path: string;
}

/** A content version of an item that arrives: see {@link StagedFiles}. Its files can only go to the directory that it is for. */
export class MirrorIncoming {
  readonly isBound = true;
  readonly #parts: IncomingParts;
  readonly #name: string;
  readonly #directory: string;
  readonly #staged: StagedFiles;

  constructor(parts: IncomingParts, name: string, directory: string) {
    this.#parts = parts;
    this.#name = name;
    this.#directory = directory;
    const { objects, prefix, ...sending } = parts;
    const uploads = objects.keyOf(incomingName, `${name}/${encodeURIComponent(directory)}/`);
    this.#staged = new StagedFiles({ ...sending, prefix: `${prefix}${directory}/`, uploads });
  }

  async open(): Promise<Sink> {
    return this.#staged;
  }

  async put({ name }: { readonly name: string }, _directory: string, replaces: "anything" | "same"): Promise<void> {
    const object = await this.#staged.put(name, replaces, new AbortController().signal);
    await this.#parts.objects.written(this.#directory, name, object);
  }

  /** Copies a file within the store. */
  async putTwin(from: string, file: string, to: string, signal: AbortSignal): Promise<void> {
    const { assertHeld, objects, store } = this.#parts;
    const object = await objects.get(from, file);
    if (object === undefined) return;
    await assertHeld();
    const { sizeBytes } = object;
    const etag = await copyObject(
      store,
      { ...object, key: objects.keyOf(from, file) },
      objects.keyOf(to, file),
      signal,
    );
    await objects.written(to, file, { sizeBytes, etag });
  }

  async delete(): Promise<void> {
    await this.#parts.assertHeld();
    await this.#staged.discard();
    const isOwn = ({ directory, name }: KnownUpload): boolean => name === this.#name && directory === this.#directory;
    for (const upload of (await knownUploads(this.#parts.objects)).filter(isOwn)) await endUpload(this.#parts, upload);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // What cannot be kept is sent again. It must not hide why the item failed.
    await this.#staged.keep().catch(() => {});
  }
}

/** Ends the uploads of earlier runs that are not wanted. */
export async function endUploads(
  parts: Pick<IncomingParts, "store" | "objects" | "assertHeld">,
  isWanted: (name: string, directory: string) => boolean,
): Promise<void> {
  for (const upload of await knownUploads(parts.objects)) {
    if (!isWanted(upload.name, upload.directory)) await endUpload(parts, upload);
  }
}

/** Returns how many bytes earlier runs left of a content version. Never rejects. */
export async function uploadedBytes(
  { objects, store }: Pick<IncomingParts, "store" | "objects">,
  name: string,
  directory: string,
): Promise<number> {
  const uploads = await knownUploads(objects).catch(() => []);
  let bytes = 0;
  for (const upload of uploads.filter((each) => each.name === name && each.directory === directory)) {
    const found = await store.readText(objects.keyOf(incomingName, upload.path)).catch(() => undefined);
    bytes += (found && parseUploadRecord(found.text)?.bytes) ?? 0;
  }
  return bytes;
}

async function knownUploads(objects: MirrorObjects): Promise<readonly KnownUpload[]> {
  const paths = await objects.namesIn(incomingName);
  return paths.flatMap((path) => {
    const [name, directory, file, ...others] = path.split("/");
    if (name === undefined || directory === undefined || file === undefined || others.length > 0) return [];
    return [{ name, directory: decoded(directory), file: decoded(file.replace(/\.json$/u, "")), path }];
  });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

async function endUpload(
  { assertHeld, objects, store }: Pick<IncomingParts, "store" | "objects" | "assertHeld">,
  { directory, file, path }: KnownUpload,
): Promise<void> {
  const recordKey = objects.keyOf(incomingName, path);
  const key = objects.keyOf(directory, file);
  const found = await store.readText(recordKey);
  await assertHeld();
  const uploadId = found && parseUploadRecord(found.text)?.upload?.uploadId;
  if (uploadId !== undefined) await store.abortUpload({ key, uploadId });
  // A run that was killed as it began one did not record it.
  else if (found !== undefined) await store.abortUploads(key);
  await store.delete(recordKey);
  await objects.deleted(incomingName, path);
}
