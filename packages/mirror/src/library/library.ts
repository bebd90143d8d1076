import { concernsOneItem } from "../errors.ts";
import type { CarrelError } from "@carrel/core";
import { defined } from "@carrel/core/kit";
import { runLimited } from "@carrel/node-stream/task";
import type { Overcome } from "@carrel/node-stream/task";
import type { MirrorSource } from "./mirror-source.ts";

/** An item as the server has it. */
export interface LibraryItem {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly contentVersion: string;
  /** What it takes on the server's storage. */
  readonly sizeBytes: number;
  /** False where the content is not at the vCenter, which then states no size of it. */
  readonly cached: boolean;
  readonly description: string;
  /** When it was created on the server, RFC 3339, where that is stated. */
  readonly createdAt?: string;
  /** When it was modified on the server, in milliseconds since 1970, where that is stated. */
  readonly modifiedAt?: number;
}

/** An item that the server lists but does not describe. */
export interface UnseenItem {
  readonly id: string;
  readonly error: CarrelError;
}

/** How the items of a library are read. */
export interface LibraryReading {
  readonly signal: AbortSignal;
  /** Overcomes outages. */
  readonly patiently: Overcome;
  /** Whether a failure is an outage that was not overcome, so that the next call would fail likewise. */
  readonly isGone: (error: unknown) => boolean;
  /** Called at first, and each time another item was read. */
  readonly onProgress: (items: number, totalItems: number) => void;
}

const concurrentCalls = 16;

/**
 * Reads all items of a library. Costs one call, and one more for each item; one that fails does not stop it. Where items
 * are not found that were listed, they are listed again: an item that no longer exists must not count as hidden, nor the
 * other way round.
 */
export async function libraryItems(
  source: MirrorSource,
  libraryId: string,
  { signal, patiently, isGone, onProgress }: LibraryReading,
): Promise<{ readonly items: readonly LibraryItem[]; readonly unseen: readonly UnseenItem[] }> {
  const list = (): Promise<readonly string[]> =>
    patiently(() => source.item.list({ library_id: libraryId }, { signal }), signal);
  const ids = await list();
  const found = new Map<string, LibraryItem | UnseenItem>();
  onProgress(0, ids.length);
  const work = ids.map((id) => async (either: AbortSignal) => {
    found.set(id, await readItem(source, id, { patiently, isGone, signal: either }));
    onProgress(found.size, ids.length);
  });
  await runLimited(work, { limit: concurrentCalls, signal });
  const inOrder = ids.flatMap((id) => found.get(id) ?? []);
  const unseen = inOrder.filter((item) => "error" in item);
  const now = unseen.some(isNotFound) ? new Set(await list()) : undefined;
  return {
    items: inOrder.filter((item) => "name" in item),
    unseen: unseen.filter((item) => !isNotFound(item) || now?.has(item.id)),
  };
}

export async function readItem(
  source: MirrorSource,
  id: string,
  { patiently, isGone, signal }: Omit<LibraryReading, "onProgress">,
): Promise<LibraryItem | UnseenItem> {
  try {
    const item = await patiently(() => source.item.get(id, { signal }), signal);
    const { name = id, type = "", description = "", content_version, version = "", size = 0 } = item;
    const cached = item.cached !== false;
    const modifiedAt = timeOf(item.last_modified_time ?? item.creation_time);
    const contentVersion = content_version ?? version;
    const createdAt = timeOf(item.creation_time) === undefined ? undefined : item.creation_time;
    return {
      id,
      name,
      type,
      description,
      contentVersion,
      sizeBytes: size,
      cached,
      ...defined({ createdAt, modifiedAt }),
    };
  } catch (error) {
    signal.throwIfAborted();
    if (!concernsOneItem(error) || isGone(error)) throw error;
    return { id, error };
  }
}

function timeOf(text: string | undefined): number | undefined {
  const time = Date.parse(text ?? "");
  return Number.isNaN(time) ? undefined : time;
}

function isNotFound({ error }: UnseenItem): boolean {
  return error.code === "NOT_FOUND";
}
