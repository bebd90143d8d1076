/** Attributes of a member that do not fit into its header (pax, GNU). */
export interface TarAttributes {
  readonly path?: string | undefined;
  readonly linkPath?: string | undefined;
  readonly sizeBytes?: number | undefined;
  /** What GNU tar says of a sparse file, by the name without `GNU.sparse.`; `map` also where it came in pairs. */
  readonly sparse?: Readonly<Record<string, string>> | undefined;
  /** A sparse file in the way of another tool, which cannot be unfolded. */
  readonly isForeignSparse?: boolean;
}

/** Longer names are none: systems stop at 4096 bytes. */
export const maxPathBytes = 65_536;
const sparsePrefix = "GNU.sparse.";
const sparseKeys = new Set(["major", "minor", "name", "realsize", "size", "map"]);

/**
 * Reads pax records, `LENGTH KEY=VALUE\n` each, on top of those that hold for all members. An empty value takes an
 * attribute back. `undefined` where they are malformed.
 */
export function readPax(records: Buffer, known: TarAttributes = {}): TarAttributes | undefined {
  let found = known;
  const sparse = new Map(Object.entries(known.sparse ?? {}));
  const pairs: string[] = [];
  for (let position = 0; position < records.length;) {
    // Some tools fill the block up.
    if (records[position] === 0) break;
    const record = recordAt(records, position);
    if (record === undefined) return undefined;
    const { key, value } = record;
    position = record.end;
    if (key === "path" || key === "linkpath") {
      if (value.length > maxPathBytes) return undefined;
      found = { ...found, [key === "path" ? "path" : "linkPath"]: value || undefined };
    } else if (key === "size") {
      if (value !== "" && !/^\d{1,15}$/.test(value)) return undefined;
      found = { ...found, sizeBytes: value === "" ? undefined : Number(value) };
    } else if (key === "SCHILY.realsize") {
      found = { ...found, isForeignSparse: true };
    } else if (key.startsWith(sparsePrefix)) {
      const name = key.slice(sparsePrefix.length);
      if (name === "offset" || name === "numbytes") pairs.push(value);
      else if (sparseKeys.has(name)) sparse.set(name, value);
    }
  }
  if (pairs.length > 0) sparse.set("map", pairs.join(","));
  return sparse.size > 0 ? { ...found, sparse: Object.fromEntries(sparse) } : found;
}

interface PaxRecord {
  readonly key: string;
  readonly value: string;
  readonly end: number;
}

function recordAt(records: Buffer, position: number): PaxRecord | undefined {
  const space = records.indexOf(32, position);
  // The length counts its own digits.
  const digits = space < 0 || space - position > 9 ? "" : records.toString("latin1", position, space);
  const end = position + Number(digits);
  if (!/^[1-9]\d*$/.test(digits) || end > records.length || end <= space + 1) return undefined;
  const text = records.subarray(space + 1, end - 1);
  const equals = text.indexOf(61);
  if (equals < 0) return undefined;
  return { key: text.toString("utf8", 0, equals), value: text.toString("utf8", equals + 1), end };
}
