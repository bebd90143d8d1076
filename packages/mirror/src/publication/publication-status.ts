import { defined } from "@carrel/core/kit";
import { readPublished } from "@carrel/vcsp";
import type { LibraryPlace, PublishedItem } from "@carrel/vcsp";
import { algorithmOf, filesOf, isServable } from "./published-content.ts";
import { areIsos, isoItemFor, publishedIdFor } from "../record/published-ids.ts";
import type { IsoItem } from "../record/published-ids.ts";
import type { RecordedFile, RecordedItem } from "../record/record-text.ts";

/** A mirror as a library that others subscribe to. */
export interface PublicationStatus {
  /** The name that subscribers see. */
  readonly name: string;
  /** Id of the published library, a UUID; absent where nothing was published yet. */
  readonly id?: string;
  /** It grows with each change; 0 where nothing was published yet. */
  readonly version: number;
  /** When that version was published, in milliseconds since 1970; absent where none was. */
  readonly publishedAt?: number;
  /** Items that are published. */
  readonly items: number;
  /**
   * Items that are not published as they are in place, or are and are not in the mirror: some while a run is at work, and after
   * one that failed or was stopped. Those that cannot be published do not count.
   */
  readonly outdatedItems: number;
}

/** Compares what is published with the records of a mirror. */
export async function readPublicationStatus(
  place: LibraryPlace,
  { name, isoItems = false }: { readonly name: string; readonly isoItems?: boolean | undefined },
  items: readonly RecordedItem[],
): Promise<PublicationStatus> {
  const { library, items: published } = await readPublished(place);
  const publishedAt = library?.version ? (await place.read("lib.json"))?.modifiedAtMs : undefined;
  const left = new Map(published.map((item) => [item.id, item]));
  let outdatedItems = 0;
  for (const item of items) {
    for (const wanted of wantedOf(item, isoItems)) {
      const old = left.get(wanted.id);
      left.delete(wanted.id);
      // What no longer exists on the server may be published or not.
      if (old === undefined && item.goneSince !== undefined) continue;
      if (isServable(item) && !(old !== undefined && isPublishedAs(old, item, wanted))) outdatedItems += 1;
    }
  }
  return {
    name: library?.name ?? name,
    version: library?.version ?? 0,
    ...defined({ id: library?.id, publishedAt }),
    items: published.length,
    outdatedItems: outdatedItems + left.size,
  };
}

interface Wanted extends IsoItem {
  readonly files: readonly RecordedFile[];
}

/** Returns what is to be published of an item: itself, or each of its ISOs. */
function wantedOf(item: RecordedItem, isoItems: boolean): readonly Wanted[] {
  const files = filesOf(item);
  const { id, name, directory } = item;
  if (!isoItems || !areIsos(files)) return [{ id: publishedIdFor(id), name, directory, files }];
  return files.map((file) => ({ ...isoItemFor(id, directory, file.name), files: [file] }));
}

function isPublishedAs(
  published: PublishedItem,
  item: RecordedItem,
  { name: wantedName, directory, files }: Wanted,
): boolean {
  const byName = new Map(published.files.map((file) => [file.name, file]));
  const isSame = ({ name, sizeBytes, digest }: RecordedFile): boolean => {
    const file = byName.get(name);
    if (file?.path !== `${item.directory}/${name}` || file.sizeBytes !== sizeBytes) return false;
    // What another generator states of a file may not be a digest that can be compared.
    return algorithmOf(file.etag) !== digest.algorithm || file.etag === digest.hex;
  };
  return (
    item.contentVersion !== null &&
    published.name === wantedName &&
    published.directory === directory &&
    published.files.length === files.length &&
    files.every(isSame)
  );
}
