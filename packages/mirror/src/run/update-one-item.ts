import type { DownloadEvent } from "@carrel/core";
import { LinkedAbort } from "@carrel/core/kit";
import type { DownloadItemOptions } from "@carrel/node-stream";
import { nameKey } from "@carrel/node-stream/fs";
import type { Overcome } from "@carrel/node-stream/task";
import { compareItem } from "../plan/compare.ts";
import type { MirrorStep } from "../plan/compare.ts";
import { placeOf } from "../place/disk-place.ts";
import { readItem } from "../library/library.ts";
import type { LibraryItem } from "../library/library.ts";
import type { MirrorPlace } from "../place/mirror-place.ts";
import type { MirrorSource } from "../library/mirror-source.ts";
import { Mirror } from "../record/mirror.ts";
import { directoryNameFor } from "../place/names.ts";
import { Publication } from "../publication/publication.ts";
import { PublishedDirectories } from "../plan/published-directories.ts";
import type { ChosenDirectory } from "../plan/published-directories.ts";
import type { LibraryName, RecordedItem } from "../record/record-text.ts";
import { MirrorRecord } from "../record/record.ts";
import type { MirroredItem } from "../report.ts";
import { ItemUpdate } from "../update/update-item.ts";

/**
 * Options of {@link updateOneItem}.
 *
 * @private Does not follow semantic versioning.
 */
export interface OneItemOptions {
  readonly library: LibraryName;
  readonly itemId: string;
  /** Id of an item that no longer exists, and that it takes the place of. */
  readonly replaces?: string;
  /** How its files are downloaded. */
  readonly download: DownloadItemOptions;
  readonly onEvent: (event: DownloadEvent) => void;
  /** Called where another process has the item's lock and shows no sign of life. */
  readonly onWait: (wait: { readonly holder: string; readonly leftMs: number }) => void;
  readonly signal: AbortSignal;
}

/**
 * Updates one item of a mirror, while other processes update others: see {@link HandOver}. Returns `undefined` where it is in
 * place already, which costs one call and no lock. Renamed items keep their directories until the next run of the mirror.
 *
 * @throws {@link MirrorError} `locked`, `not-a-mirror`, `other-library`, and what is thrown for an item of a mirror.
 * @private Does not follow semantic versioning.
 */
export async function updateOneItem(
  source: MirrorSource,
  directory: string | URL | MirrorPlace,
  options: OneItemOptions,
): Promise<MirroredItem | undefined> {
  const { library, itemId, replaces, download, onEvent, onWait, signal } = options;
  const place = placeOf(directory);
  const item = await readItem(source, itemId, { patiently, isGone: () => false, signal });
  if ("error" in item) throw item.error;
  const ids = replaces === undefined ? [itemId] : [itemId, replaces];
  const openRecord = async (): Promise<MirrorRecord> => {
    const record = await MirrorRecord.openItems(place, library, ids);
    // Which directories are free depends on all items.
    return record.publish === undefined ? record : await MirrorRecord.open(place, library);
  };
  if ((await stepFor(place, library, item, replaces, await openRecord())).action === "none") return undefined;
  await using mirror = await Mirror.openItem(place, itemId, openRecord, { signal, onWait });
  const step = await stepFor(place, library, item, replaces, mirror.record);
  if (step.action === "none") return undefined;
  // A process that was suspended stops when it runs again and another one has the item.
  using abort = new LinkedAbort(signal, mirror.lock.signal);
  try {
    const { action } = step;
    const parts = { step, action, source, mirror, download, onEvent, patiently };
    return await new ItemUpdate({ ...parts, signal: abort.signal }).run();
  } catch (error) {
    signal.throwIfAborted();
    // Another process that has the item now may have removed what this one was at work on: then that is what failed.
    await mirror.lock.assertHeld();
    throw error;
  }
}

/** The caller overcomes outages: it has the item updated again. */
const patiently: Overcome = (call) => call();

async function stepFor(
  place: MirrorPlace,
  library: LibraryName,
  item: LibraryItem,
  replaces: string | undefined,
  record: MirrorRecord,
): Promise<MirrorStep> {
  const own = record.items.get(item.id);
  const before = own ?? (replaces === undefined ? undefined : record.items.get(replaces));
  return await compareItem(place, item, before, await directoryFor(place, library, item, before, record), false);
}

async function directoryFor(
  place: MirrorPlace,
  library: LibraryName,
  item: LibraryItem,
  before: RecordedItem | undefined,
  record: MirrorRecord,
): Promise<ChosenDirectory> {
  const publication = await Publication.open(place, library, record, undefined);
  if (publication !== undefined) {
    return await new PublishedDirectories(place, record.items, [item], publication.isListed).choose(item, before);
  }
  const directory = directoryNameFor(item);
  if (before === undefined || nameKey(before.directory) === nameKey(directory)) return { directory };
  return { directory: before.directory };
}
