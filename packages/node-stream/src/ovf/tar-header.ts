/** Headers and the bytes of members are padded to blocks of this many bytes. */
export const blockBytes = 512;

/** The part of a header block that is needed to find the bytes of files. */
export interface TarHeader {
  /** One character: `0` a file, `1` a hard link, and so on. */
  readonly type: string;
  readonly name: string;
  /** The target of a link. */
  readonly linkName: string;
  /** Bytes after the header. */
  readonly sizeBytes: number;
  readonly block: Buffer;
}

/** Reads a header block; returns `undefined` where it is not one. */
export function parseHeader(block: Buffer): TarHeader | undefined {
  if (block.length < blockBytes) return undefined;
  const stated = numberAt(block, 148, 8);
  if (stated === undefined || !sumsOf(block).includes(stated)) return undefined;
  const sizeBytes = numberAt(block, 124, 12);
  if (sizeBytes === undefined) return undefined;
  const type = String.fromCharCode(block[156] ?? 0);
  return { type, name: nameOf(block), linkName: textAt(block, 157, 100), sizeBytes, block };
}

/** Text up to the first NUL. */
export function textAt(bytes: Buffer, start: number, length: number): string {
  const field = bytes.subarray(start, start + length);
  const end = field.indexOf(0);
  return field.subarray(0, end < 0 ? length : end).toString("utf8");
}

/** Reads a number, octal or binary; returns `undefined` where it is neither, negative, or larger than any file. */
export function numberAt(block: Buffer, start: number, length: number): number | undefined {
  const first = block[start] ?? 0;
  // Numbers that do not fit in octal digits are binary, marked by the highest bit; the next bit is the sign.
  if ((first & 0x80) !== 0) {
    if ((first & 0x40) !== 0) return undefined;
    const rest = block.subarray(start + 1, start + length).toString("hex");
    const value = (BigInt(first & 0x3f) << BigInt(8 * (length - 1))) | BigInt(`0x${rest}`);
    return value > BigInt(Number.MAX_SAFE_INTEGER) ? undefined : Number(value);
  }
  const text = textAt(block, start, length).trim();
  if (text === "") return 0;
  return /^[0-7]+$/u.test(text) ? Number.parseInt(text, 8) : undefined;
}

/** The sums of all bytes, with the checksum field counted as spaces. Some old tools add bytes above 127 as negative ones. */
function sumsOf(block: Buffer): readonly [unsigned: number, signed: number] {
  let unsigned = 0;
  let signed = 0;
  for (let index = 0; index < blockBytes; index++) {
    const byte = index >= 148 && index < 156 ? 32 : (block[index] ?? 0);
    unsigned += byte;
    signed += byte > 127 ? byte - 256 : byte;
  }
  return [unsigned, signed];
}

function nameOf(block: Buffer): string {
  const name = textAt(block, 0, 100);
  // GNU's own format ("ustar ") has times and sparse maps where POSIX has the beginning of a long name.
  const prefix = block.toString("latin1", 257, 263) === "ustar\0" ? textAt(block, 345, prefixBytes(block)) : "";
  return prefix === "" ? name : `${prefix}/${name}`;
}

/** The star format has times at the end of the prefix. */
function prefixBytes(block: Buffer): number {
  return block.toString("latin1", 508, 512) === "tar\0" ? 131 : 155;
}

/** Attributes of a member that do not fit into its header (pax, GNU). */
export interface TarAttributes {
  readonly path?: string | undefined;
  readonly linkPath?: string | undefined;
  readonly sizeBytes?: number | undefined;
  /** GNU tar's attributes of a sparse file, by the name without `GNU.sparse.`; `map` also where it was stated in pairs. */
  readonly sparse?: Readonly<Record<string, string>> | undefined;
  /** A sparse file in the format of another tool, which cannot be unfolded. */
  readonly isForeignSparse?: boolean;
}

/** Longer names are not valid: systems stop at 4096 bytes. */
export const maxPathBytes = 65_536;
const sparsePrefix = "GNU.sparse.";
const sparseKeys = new Set(["major", "minor", "name", "realsize", "size", "map"]);

/**
 * Reads pax records, each `LENGTH KEY=VALUE\n`, on top of those that apply to all members. An empty value removes an
 * attribute. Returns `undefined` where they are malformed.
 */
export function readPax(records: Buffer, known: TarAttributes = {}): TarAttributes | undefined {
  let attributes = known;
  const sparse = new Map(Object.entries(known.sparse ?? {}));
  const pairs: string[] = [];
  for (let position = 0; position < records.length;) {
    // Some tools pad the block with zeros.
    if (records[position] === 0) break;
    const record = recordAt(records, position);
    if (record === undefined) return undefined;
    const { key, value } = record;
    position = record.end;
    if (key === "path" || key === "linkpath") {
      if (value.length > maxPathBytes) return undefined;
      attributes = { ...attributes, [key === "path" ? "path" : "linkPath"]: value || undefined };
    } else if (key === "size") {
      if (value !== "" && !/^\d{1,15}$/u.test(value)) return undefined;
      attributes = { ...attributes, sizeBytes: value === "" ? undefined : Number(value) };
    } else if (key === "SCHILY.realsize") {
      attributes = { ...attributes, isForeignSparse: true };
    } else if (key.startsWith(sparsePrefix)) {
      const name = key.slice(sparsePrefix.length);
      if (name === "offset" || name === "numbytes") pairs.push(value);
      else if (sparseKeys.has(name)) sparse.set(name, value);
    }
  }
  if (pairs.length > 0) sparse.set("map", pairs.join(","));
  return sparse.size > 0 ? { ...attributes, sparse: Object.fromEntries(sparse) } : attributes;
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
  if (!/^[1-9]\d*$/u.test(digits) || end > records.length || end <= space + 1) return undefined;
  const text = records.subarray(space + 1, end - 1);
  const equals = text.indexOf(61);
  if (equals < 0) return undefined;
  return { key: text.toString("utf8", 0, equals), value: text.toString("utf8", equals + 1), end };
}
