/** Attributes of a member that do not fit into its header (pax, GNU). */
export interface TarAttributes {
  readonly path?: string;
  readonly linkPath?: string;
  readonly sizeBytes?: number;
  /** What GNU tar says of a sparse file, by the name without `GNU.sparse.`; `map` also where it came in pairs. */
  readonly sparse?: Readonly<Record<string, string>>;
  /** A sparse file in the way of another tool, which cannot be unfolded. */
  readonly isForeignSparse?: boolean;
}

/**
 * Reads pax records, `LENGTH KEY=VALUE\n` each, on top of those that hold for all members. An empty value takes an
 * attribute back. `undefined` where they are malformed.
 */
export function readPax(records: Buffer, known: TarAttributes = {}): TarAttributes | undefined {
  const found: { -readonly [Key in keyof TarAttributes]: TarAttributes[Key] } = { ...known };
  const sparse = new Map(Object.entries(known.sparse ?? {}));
  const pairs: string[] = [];
  for (let position = 0; position < records.length;) {
    // Some tools fill the block up.
    if (records[position] === 0) break;
    const space = records.indexOf(32, position);
    const digits = space < 0 ? "" : records.toString("latin1", position, space);
    const end = position + Number(digits);
    if (!/^[1-9]\d{0,8}$/.test(digits) || end > records.length || end <= space + 1) return undefined;
    const record = records.subarray(space + 1, end - 1);
    const equals = record.indexOf(61);
    if (equals < 0) return undefined;
    const key = record.toString("utf8", 0, equals);
    const value = record.toString("utf8", equals + 1);
    position = end;
    if (key === "path") set(found, "path", value || undefined);
    else if (key === "linkpath") set(found, "linkPath", value || undefined);
    else if (key === "size") {
      if (value !== "" && !/^\d{1,15}$/.test(value)) return undefined;
      set(found, "sizeBytes", value === "" ? undefined : Number(value));
    } else if (key === "GNU.sparse.offset" || key === "GNU.sparse.numbytes") pairs.push(value);
    else if (key.startsWith("GNU.sparse.")) sparse.set(key.slice("GNU.sparse.".length), value);
    else if (key === "SCHILY.realsize") found.isForeignSparse = true;
  }
  if (pairs.length > 0) sparse.set("map", pairs.join(","));
  if (sparse.size > 0) found.sparse = Object.fromEntries(sparse);
  return found;
}

function set<Key extends keyof TarAttributes>(
  attributes: { -readonly [Name in keyof TarAttributes]: TarAttributes[Name] },
  key: Key,
  value: TarAttributes[Key] | undefined,
): void {
  if (value === undefined) delete attributes[key];
  else attributes[key] = value;
}
