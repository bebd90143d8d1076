import { formatBytes } from "../output/format.ts";
import type { TableColumn } from "../output/table.ts";
import type { Entry } from "../names/entry.ts";

/** The columns of a listing, by the names that `--columns` takes. */
export type ColumnName =
  | "id"
  | "type"
  | "items"
  | "size"
  | "version"
  | "cached"
  | "changed"
  | "created"
  | "checksum"
  | "name"
  | "description"
  | "path";

type LsColumn = TableColumn<Entry> & { readonly members: readonly (keyof Entry)[] };

const dateLength = "2026-11-28".length;

export const columns: Readonly<Record<ColumnName, LsColumn>> = {
  id: {
    width: 36,
    value: ({ type, itemId, libraryId }) => (type === "library" ? libraryId : type === "item" ? itemId : undefined),
    members: ["libraryId", "itemId"],
  },
  type: {
    width: 11,
    value: ({ type, libraryType, itemType }) =>
      type === "file" || type === "member" ? type : (libraryType ?? itemType),
    members: ["libraryType", "itemType"],
  },
  items: { width: 6, align: "right", value: ({ itemCount }) => itemCount, members: ["itemCount"] },
  size: {
    width: 10,
    align: "right",
    value: ({ sizeBytes }) => sizeBytes,
    text: (entry) => (entry.cached === false ? "-" : formatBytes(entry.sizeBytes)),
    members: ["sizeBytes"],
  },
  version: {
    width: 7,
    align: "right",
    rank: 3,
    value: ({ contentVersion, version }) => contentVersion ?? version,
    members: ["contentVersion", "version"],
  },
  cached: {
    width: 6,
    rank: 2,
    value: ({ cached }) => cached,
    text: ({ cached }) => (cached === undefined ? "" : cached ? "yes" : "no"),
    members: ["cached"],
  },
  changed: {
    width: dateLength,
    rank: 1,
    value: ({ modifiedAt }) => modifiedAt,
    text: ({ modifiedAt = "" }) => modifiedAt.slice(0, dateLength),
    members: ["modifiedAt"],
  },
  created: {
    width: dateLength,
    value: ({ createdAt }) => createdAt,
    text: ({ createdAt = "" }) => createdAt.slice(0, dateLength),
    members: ["createdAt"],
  },
  checksum: {
    width: 71,
    shortens: true,
    value: ({ checksum }) => (checksum === undefined ? undefined : `${checksum.algorithm}:${checksum.hex}`),
    text: ({ type, checksum }) =>
      checksum === undefined
        ? type === "file" || type === "member"
          ? "-"
          : ""
        : `${checksum.algorithm}:${checksum.hex}`,
    members: ["checksum"],
  },
  name: {
    width: 20,
    value: ({ type, library, item, file, member }) => ({ library, item, file, member })[type],
    members: ["library", "item", "file", "member"],
  },
  description: {
    width: 20,
    rank: 4,
    isOptional: true,
    value: ({ description }) => description?.replaceAll(/\s+/gu, " "),
    members: ["description"],
  },
  path: { width: 20, value: ({ path }) => path, members: ["path"] },
};

/** All names of columns, for help and completion. */
export const columnNames = Object.keys(columns) as readonly ColumnName[];

/** The columns that show entries of these kinds, where none were chosen. */
export function usualColumns(
  kinds: ReadonlySet<Entry["type"]>,
  { isLong, isFlat }: { readonly isLong: boolean; readonly isFlat: boolean },
): readonly ColumnName[] {
  const [libraries, items, files] = [kinds.has("library"), kinds.has("item"), kinds.has("file")];
  const members = kinds.has("member");
  const long = (...names: readonly ColumnName[]): readonly ColumnName[] => (isLong ? names : []);
  return [
    ...(libraries || items ? long("id") : []),
    ...(libraries || items ? (["type"] as const) : []),
    ...(libraries ? (["items"] as const) : []),
    ...(libraries && kinds.size === 1 ? long("size") : (["size"] as const)),
    ...(items || files ? (["version", "cached"] as const) : []),
    ...(libraries || items ? long("changed") : []),
    ...(files || members ? long("checksum") : []),
    isFlat ? "name" : "path",
    ...(libraries || items ? long("description") : []),
  ];
}
