import { blockBytes, numberAt } from "./tar-header.ts";
import type { TarAttributes } from "./tar-header.ts";

/** Reads bytes of a file at an offset; fewer where the file ends. */
export type ReadAt = (position: number, length: number) => Promise<Uint8Array>;

/** Contiguous bytes of a file in an archive; without a start, a hole of that many zeros that are not stored. */
export interface Extent {
  readonly start: number | undefined;
  readonly sizeBytes: number;
}

/** Where a sparse file has bytes: offsets and lengths, alternating. */
export type SparseMap = readonly number[];

/** Files of more than 100,000 pieces are not unfolded. */
const maxNumbers = 200_000;
/** Enough for that many numbers in decimal digits. */
const maxMapBytes = 4_194_304;

/** Locates the bytes and holes of a sparse file; returns `undefined` where the map contradicts itself. */
export function unfold(
  map: SparseMap,
  {
    start,
    storedBytes,
    sizeBytes,
  }: { readonly start: number; readonly storedBytes: number; readonly sizeBytes: number },
): Extent[] | undefined {
  const extents: Extent[] = [];
  let position = 0;
  let stored = 0;
  for (let index = 0; index + 1 < map.length; index += 2) {
    const [offset = 0, length = 0] = [map[index], map[index + 1]];
    if (offset < position || offset + length > sizeBytes) return undefined;
    if (length === 0) continue;
    if (offset > position) extents.push({ start: undefined, sizeBytes: offset - position });
    extents.push({ start: start + stored, sizeBytes: length });
    position = offset + length;
    stored += length;
  }
  if (stored !== storedBytes || map.length % 2 !== 0) return undefined;
  if (sizeBytes > position) extents.push({ start: undefined, sizeBytes: sizeBytes - position });
  return extents;
}

/** How a sparse file is stored. */
export interface StoredSparse {
  /** `undefined` where the map cannot be read. */
  readonly map: SparseMap | undefined;
  /** Where its first stored byte is. */
  readonly start: number;
  readonly sizeBytes: number | undefined;
}

/** Reads the map of GNU's old format: four pieces in the header, and 21 in each block after it. */
export async function readOldSparse(
  read: ReadAt,
  block: Buffer,
  start: number,
): Promise<StoredSparse | "truncated" | "too-long"> {
  const numbers: number[] = [];
  let isValid = takePieces(block, 386, 4, numbers);
  let position = start;
  for (let isExtended = block[482] !== 0; isExtended;) {
    const next = Buffer.from(await read(position, blockBytes));
    if (next.length < blockBytes) return "truncated";
    position += blockBytes;
    isValid = takePieces(next, 0, 21, numbers) && isValid;
    // Blocks may also be empty.
    if (numbers.length > maxNumbers || position - start > maxMapBytes) return "too-long";
    isExtended = next[504] !== 0;
  }
  return { map: isValid ? numbers : undefined, start: position, sizeBytes: numberAt(block, 483, 12) };
}

function takePieces(block: Buffer, start: number, count: number, numbers: number[]): boolean {
  for (let index = 0; index < count; index++) {
    const at = start + index * 24;
    // An empty field ends the list.
    if (block[at + 12] === 0) return true;
    const [offset, length] = [numberAt(block, at, 12), numberAt(block, at + 12, 12)];
    if (offset === undefined || length === undefined) return false;
    numbers.push(offset, length);
  }
  return true;
}

/** Reads the map of GNU's pax formats: among the attributes in 0.0 and 0.1, before the bytes in 1.0. */
export async function readPaxSparse(
  read: ReadAt,
  sparse: NonNullable<TarAttributes["sparse"]>,
  start: number,
  storedBytes: number,
): Promise<StoredSparse> {
  const sizeBytes = wholeNumber(sparse["realsize"] ?? sparse["size"]);
  if (sparse["major"] === undefined || sparse["major"] === "0") {
    const numbers = (sparse["map"] ?? "").split(",", maxNumbers + 1).filter((text) => text !== "");
    return { map: numbers.length > maxNumbers ? undefined : wholeNumbers(numbers), start, sizeBytes };
  }
  if (sparse["major"] !== "1") return { map: undefined, start, sizeBytes };
  return { ...(await readMapBeforeBytes(read, start, storedBytes)), sizeBytes };
}

/** Reads lines of decimal digits, padded to a block: the number of pieces, then offset and length of each. */
async function readMapBeforeBytes(
  read: ReadAt,
  start: number,
  storedBytes: number,
): Promise<Pick<StoredSparse, "map" | "start">> {
  let text = "";
  for (let bytes = 0; bytes < Math.min(storedBytes, maxMapBytes);) {
    const block = Buffer.from(await read(start + bytes, Math.min(65_536, storedBytes - bytes)));
    if (block.length === 0) break;
    bytes += block.length;
    text += block.toString("latin1");
    const lines = text.split("\n");
    const count = wholeNumber(lines[0]);
    if (lines.length > 1 && (count === undefined || count * 2 > maxNumbers)) break;
    if (count === undefined || lines.length <= count * 2 + 1) continue;
    const numbers = lines.slice(1, 1 + count * 2);
    const mapBytes = lines.slice(0, 1 + count * 2).join("\n").length + 1;
    return { map: wholeNumbers(numbers), start: start + Math.ceil(mapBytes / blockBytes) * blockBytes };
  }
  return { map: undefined, start };
}

function wholeNumbers(texts: readonly string[]): SparseMap | undefined {
  const numbers = texts.map(wholeNumber);
  return numbers.includes(undefined) ? undefined : (numbers as number[]);
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/u.test(text) ? Number(text) : undefined;
}
