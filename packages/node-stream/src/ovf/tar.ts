/** Reads bytes of a file at a position; fewer where the file ends. */
export type ReadAt = (position: number, length: number) => Promise<Uint8Array>;

/** A file within a tar archive. */
export interface TarMember {
  readonly name: string;
  /** Where its bytes begin in the archive. */
  readonly start: number;
  readonly sizeBytes: number;
}

/** What was found in an archive. */
export interface TarListing {
  readonly members: readonly TarMember[];
  /** The archive ends before its last member does: it was cut off. */
  readonly isCutOff: boolean;
}

const blockBytes = 512;
/** Names and attributes of a member; more is no name. */
const maxExtensionBytes = 1_048_576;

/** Lists the files of a tar archive (ustar, pax, GNU) from its headers; `undefined` where it is no tar archive. */
export async function listTar(read: ReadAt, archiveBytes: number): Promise<TarListing | undefined> {
  const members: TarMember[] = [];
  let extension: Extension = {};
  for (let position = 0; ;) {
    const header = Buffer.from(await read(position, blockBytes));
    if (header.length === blockBytes && header.every((byte) => byte === 0)) return { members, isCutOff: false };
    if (!isHeader(header)) return members.length === 0 ? undefined : { members, isCutOff: true };
    const start = position + blockBytes;
    const type = String.fromCharCode(header[156] ?? 0);
    const sizeBytes = extension.size ?? numberAt(header, 124, 12);
    position = start + Math.ceil(sizeBytes / blockBytes) * blockBytes;
    if (type === "L" || type === "x") {
      if (sizeBytes > maxExtensionBytes) return undefined;
      const text = Buffer.from(await read(start, sizeBytes));
      extension = { ...extension, ...(type === "L" ? { path: textAt(text, 0, sizeBytes) } : readPax(text)) };
      continue;
    }
    if (type === "0" || type === "\0") members.push({ name: extension.path ?? nameOf(header), start, sizeBytes });
    extension = {};
    if (start + sizeBytes > archiveBytes) return { members, isCutOff: true };
  }
}

interface Extension {
  readonly path?: string;
  readonly size?: number;
}

function isHeader(header: Buffer): boolean {
  if (header.length < blockBytes) return false;
  // The sum of all bytes, its own field counted as spaces.
  const sum = header.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 32 : byte), 0);
  return sum === numberAt(header, 148, 8);
}

function nameOf(header: Buffer): string {
  const prefix = textAt(header, 257, 5) === "ustar" ? textAt(header, 345, 155) : "";
  const name = textAt(header, 0, 100);
  return prefix === "" ? name : `${prefix}/${name}`;
}

function textAt(header: Buffer, start: number, length: number): string {
  const field = header.subarray(start, start + length);
  const end = field.indexOf(0);
  return field.subarray(0, end < 0 ? length : end).toString("utf8");
}

function numberAt(header: Buffer, start: number, length: number): number {
  // Sizes that do not fit in octal digits are binary, marked by the highest bit.
  if (((header[start] ?? 0) & 0x80) !== 0)
    return Number(BigInt(`0x${header.subarray(start + 1, start + length).toString("hex")}`));
  const text = textAt(header, start, length).trim();
  return /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : 0;
}

/** Records `LENGTH KEY=VALUE\n`, of which the path and the size matter. */
function readPax(text: Buffer): Extension {
  let found: Extension = {};
  for (let position = 0; position < text.length;) {
    const space = text.indexOf(32, position);
    const length = Number(text.subarray(position, space).toString("latin1"));
    if (space < 0 || !Number.isSafeInteger(length) || length <= 0) return found;
    const [key = "", value = ""] = text
      .subarray(space + 1, position + length - 1)
      .toString("utf8")
      .split(/=(.*)/s);
    if (key === "path") found = { ...found, path: value };
    if (key === "size" && /^\d{1,15}$/.test(value)) found = { ...found, size: Number(value) };
    position += length;
  }
  return found;
}
