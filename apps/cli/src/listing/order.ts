import type { SortKey } from "../settings/list-options.ts";
import type { Entry } from "../names/entry.ts";

// "disk-10" comes after "disk-2", and "a" beside "A", whatever the language of this machine is.
const collator = new Intl.Collator("en", { numeric: true });

/** Returns how to sort: the largest and the latest first, the rest by name. `undefined` leaves the order as it is. */
export function orderBy(key: SortKey, isReversed: boolean): ((one: Entry, other: Entry) => number) | undefined {
  if (key === "none") return undefined;
  const compare = (one: Entry, other: Entry): number => comparisons[key](one, other) || byName(one, other);
  return isReversed ? (one, other) => compare(other, one) : compare;
}

const comparisons: Readonly<Record<Exclude<SortKey, "none">, (one: Entry, other: Entry) => number>> = {
  name: () => 0,
  size: (one, other) => (other.sizeBytes ?? -1) - (one.sizeBytes ?? -1),
  changed: (one, other) => collator.compare(other.modifiedAt ?? "", one.modifiedAt ?? ""),
  type: (one, other) => collator.compare(typeOf(one), typeOf(other)),
};

function typeOf({ type, libraryType, itemType }: Entry): string {
  return type === "file" || type === "member" ? type : (libraryType ?? itemType ?? "");
}

/** A library comes before its items, an item before its files, and an archive before the files in it. */
function byName(one: Entry, other: Entry): number {
  return (
    collator.compare(one.library, other.library) ||
    collator.compare(one.libraryId, other.libraryId) ||
    collator.compare(one.item ?? "", other.item ?? "") ||
    collator.compare(one.itemId ?? "", other.itemId ?? "") ||
    collator.compare(one.file ?? one.archive ?? "", other.file ?? other.archive ?? "") ||
    collator.compare(one.member ?? "", other.member ?? "")
  );
}
