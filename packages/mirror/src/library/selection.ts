import { shown } from "@carrel/core/kit";
import { matchesName } from "@carrel/node-stream/fs";

/**
 * Which items of a library are mirrored. Those that are not are left alone: they are neither downloaded nor renamed nor deleted.
 *
 * A glob matches the whole name of an item: `*` matches any characters, `?` one, `[abc]` one of several, `{one,other}` either.
 */
export interface ItemSelection {
  /** Only items whose name matches one of these globs. @defaultValue all */
  readonly include?: readonly string[];
  /** No items whose name matches one of these globs; takes precedence over `include`. */
  readonly exclude?: readonly string[];
  /** Only items of these types, such as `iso` or `ovf`. Upper and lower case are the same. @defaultValue all */
  readonly types?: readonly string[];
  /** Only items that were modified on the server after this time, by the server's clock; all where it states no time. */
  readonly newerThan?: Date;
}

/** What an item is chosen by. */
interface SelectableItem {
  readonly name: string;
  readonly type: string;
  /** Milliseconds since 1970. */
  readonly modifiedAt?: number;
}

/** @throws TypeError where a member is of another kind. */
export function checkSelection({ include, exclude, types, newerThan }: ItemSelection): void {
  for (const [name, value] of Object.entries({ include, exclude, types })) {
    if (value === undefined || (Array.isArray(value) && value.every((text) => typeof text === "string"))) continue;
    throw new TypeError(`select.${name} must be an array of strings: got ${shown(value)}`);
  }
  if (newerThan === undefined || (newerThan instanceof Date && !Number.isNaN(newerThan.getTime()))) return;
  throw new TypeError(`select.newerThan must be a valid Date: got ${shown(newerThan)}`);
}

/** Returns whether an item is mirrored. */
export function isSelected(item: SelectableItem, selection: ItemSelection): boolean {
  const { types, newerThan } = selection;
  const { name, type, modifiedAt = Infinity } = item;
  const hasType = types === undefined || types.some((each) => each.toLowerCase() === type.toLowerCase());
  const isNew = newerThan === undefined || modifiedAt > newerThan.getTime();
  return hasType && isNew && isSelectedByName(name, selection);
}

/** Returns whether an item of which only the name is known would be mirrored. */
export function isSelectedByName(name: string, { include, exclude = [] }: ItemSelection): boolean {
  const matches = (glob: string): boolean => matchesName(name, glob);
  return (include === undefined || include.some(matches)) && !exclude.some(matches);
}
