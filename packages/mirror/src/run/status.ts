import { defined } from "@carrel/core/kit";
import { placeOf } from "../place/disk-place.ts";
import { MirrorError } from "../errors.ts";
import type { MirrorPlace } from "../place/mirror-place.ts";
import { recordName } from "../place/names.ts";
import { readPublicationStatus } from "../publication/publication-status.ts";
import type { PublicationStatus } from "../publication/publication-status.ts";
import { sumOf } from "../record/record-text.ts";
import { readRecords } from "../record/record.ts";
import type { ItemName } from "../report.ts";

/** What a mirror is, and how its runs ended. Times in milliseconds since 1970. */
export interface MirrorStatus {
  /** Absolute path, or a URL. */
  readonly directory: string;
  readonly libraryId: string;
  readonly library: string;
  /** Items that it holds. */
  readonly items: number;
  readonly files: number;
  readonly sizeBytes: number;
  /** Files that could not be verified when they arrived. */
  readonly unverified: number;
  /** When the last run ended; absent where none has. */
  readonly endedAt?: number;
  /** When a run last left everything in place; absent where none has. */
  readonly completeAt?: number;
  /** How many of the last runs in a row did not. Runs that did not reach the server, or that were interrupted, do not count. */
  readonly failedRuns: number;
  /** How many items the last run left out of place. */
  readonly failedItems: number;
  /** Which, a thousand at most: those first that have failed in the most runs. */
  readonly failing: readonly FailingMirrorItem[];
  /** Present where the mirror is published. */
  readonly publication?: PublicationStatus;
}

/** An item that is not in place, and in how many of the last runs in a row it was not. */
export interface FailingMirrorItem extends ItemName {
  readonly runs: number;
}

/**
 * Reads how a mirror stands, from its record and, where it is published, from `lib.json` and `items.json`: nothing is sent, no file
 * of an item is read, and nothing is locked.
 *
 * @throws MirrorError `not-a-mirror`: the directory has no record. `record`: it cannot be parsed.
 * @throws TransferError `obstacle`, `disk`: the record is not a plain file, or cannot be read.
 * @throws VcspError `unreadable`, `duplicate`: the mirror is published, and what is published cannot be understood.
 *
 * @example
 * ```ts
 * import { readMirrorStatus } from "@carrel/mirror";
 *
 * async function isFresh(directory: string): Promise<boolean> {
 *   const { completeAt = 0 } = await readMirrorStatus(directory);
 *   return Date.now() - completeAt < 26 * 3_600_000;
 * }
 * ```
 */
export async function readMirrorStatus(directory: string | URL | MirrorPlace): Promise<MirrorStatus> {
  const place = placeOf(directory);
  const { label, location: root } = place;
  const record = await readRecords(place.records);
  if (record === undefined) {
    throw new MirrorError(`${label} is not a mirror: it has no ${recordName}`, {
      problem: "not-a-mirror",
      path: root,
    });
  }
  const { library, items, publish, runs } = record;
  const files = items.flatMap((item) => item.files);
  return {
    directory: root,
    libraryId: library.id,
    library: library.name,
    items: items.length,
    files: files.length,
    sizeBytes: sumOf(files),
    unverified: files.filter(({ verifiedBy }) => verifiedBy === "nothing").length,
    ...defined({ endedAt: timeOf(runs?.endedAt), completeAt: timeOf(runs?.completeAt) }),
    failedRuns: runs?.failedRuns ?? 0,
    failedItems: runs?.failedItems ?? 0,
    failing: (runs?.failing ?? [])
      .toSorted((one, other) => other.runs - one.runs)
      .map(({ id: itemId, name: item, runs: count }) => ({ item, itemId, runs: count })),
    ...(publish !== undefined && {
      publication: await readPublicationStatus(place.library, { name: library.name, ...publish }, items),
    }),
  };
}

function timeOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Date.parse(text);
}
