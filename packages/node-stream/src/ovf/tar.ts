import { memberPath } from "@carrel/core/transfer";
import { maxPathBytes, readPax, blockBytes, parseHeader, textAt } from "./tar-header.ts";
import type { TarAttributes, TarHeader } from "./tar-header.ts";
import { readOldSparse, readPaxSparse, unfold } from "./tar-sparse.ts";
import type { Extent, ReadAt, StoredSparse } from "./tar-sparse.ts";

/** A file in a tar archive, or anything else that has a name there. */
export interface TarMember {
  /** As it is written in the archive. */
  readonly name: string;
  /** A hard link to a file is a file; `link` is a symbolic link, or a hard link to nothing. */
  readonly kind: "file" | "directory" | "link" | "other";
  /** Including its holes. */
  readonly sizeBytes: number;
  /** Where its bytes are; `undefined` where they cannot be located. */
  readonly extents: readonly Extent[] | undefined;
}

/**
 * How the list of members ends: at the empty block that marks the end; at the end of the archive, after a whole member;
 * in the middle of a member; at something that is not a member; or because there are too many members.
 */
export type TarEnd = "marker" | "border" | "truncated" | "damaged" | "limit";

/** What was found in an archive. */
export interface TarListing {
  readonly members: readonly TarMember[];
  readonly end: TarEnd;
  /** Something other than zeros follows the end. */
  readonly isFollowed: boolean;
}

/** The most that is read of a member's names and attributes. */
const maxAttributeBytes = 8_388_608;
const maxMembers = 100_000;
/** Including those of attributes. */
const maxHeaders = 4 * maxMembers;
/** How far a member is searched for where the archive does not begin with one. */
export const maxLostBytes = 1_048_576;
/** How many bytes after the end are checked for zeros. */
const maxPaddingBytes = 16_777_216;

/**
 * Lists the members of a tar archive (v7, ustar, GNU, pax) from its headers, without reading their content; resolves with
 * `undefined` where it is not a tar archive. With `readsRest: false` what follows the end is not looked at.
 */
export async function listTar(
  read: ReadAt,
  archiveBytes: number,
  { readsRest = true }: { readonly readsRest?: boolean } = {},
): Promise<TarListing | undefined> {
  const list = new MemberList();
  let common: TarAttributes = {};
  let own: TarAttributes | undefined;
  let isUnreadable = false;
  let isCommonUnreadable = false;
  let headers = 0;
  const ended = (end: TarEnd, isFollowed = false): TarListing => ({ members: list.resolved(), end, isFollowed });
  for (let position = 0; ;) {
    const block = Buffer.from(await read(position, blockBytes));
    if (block.every((byte) => byte === 0)) {
      if (position === 0) return withoutStart(read);
      if (block.length < blockBytes) return ended("border");
      return ended("marker", readsRest && (await holdsMore(read, position + blockBytes, archiveBytes)));
    }
    const header = parseHeader(block);
    if (header === undefined && position === 0) return withoutStart(read);
    if (++headers > maxHeaders) return ended("limit");
    if (header === undefined) return ended(block.length < blockBytes ? "truncated" : "damaged");
    const { type } = header;
    const start = position + blockBytes;
    if ("LKxXg".includes(type)) {
      const end = start + header.sizeBytes;
      if (end > archiveBytes) return ended("truncated");
      position = blockEnd(end);
      const text = header.sizeBytes > maxAttributeBytes ? undefined : Buffer.from(await read(start, header.sizeBytes));
      const attributes = text && readAttributes(type, text, type === "g" ? common : (own ?? common));
      if (attributes === undefined && type === "g") isCommonUnreadable = true;
      else if (attributes === undefined) isUnreadable = true;
      // A sparse map cannot apply to all members.
      else if (type === "g") common = { ...attributes, sparse: undefined };
      else own = attributes;
      continue;
    }
    if (list.count === maxMembers) return ended("limit");
    const stored = await locateBytes(read, header, start, own ?? common);
    if (stored === "too-long") return ended("limit");
    const isCut = stored === "truncated" || stored.end > archiveBytes;
    list.add(header, own ?? common, isCut || isUnreadable || isCommonUnreadable ? undefined : stored);
    if (isCut) return ended("truncated");
    position = blockEnd(stored.end);
    own = undefined;
    isUnreadable = false;
  }
}

/** Distinguishes an archive with a damaged start, which has members further on, from what is not an archive. */
async function withoutStart(read: ReadAt): Promise<TarListing | undefined> {
  const bytes = Buffer.from(await read(0, maxLostBytes));
  for (let position = blockBytes; position + blockBytes <= bytes.length; position += blockBytes) {
    const block = bytes.subarray(position, position + blockBytes);
    const hasMark = block.toString("latin1", 257, 262) === "ustar";
    if (hasMark && parseHeader(block) !== undefined) return { members: [], end: "damaged", isFollowed: false };
  }
  return undefined;
}

/** Where the bytes of a member are. */
interface Stored {
  readonly sizeBytes: number;
  readonly extents: readonly Extent[] | undefined;
  /** Where the last of them ends. */
  readonly end: number;
}

/** Locates the bytes of a member, unless the archive ends before them, or they are in more pieces than are read. */
async function locateBytes(
  read: ReadAt,
  header: TarHeader,
  start: number,
  attributes: TarAttributes,
): Promise<Stored | "truncated" | "too-long"> {
  const storedBytes = attributes.sizeBytes ?? header.sizeBytes;
  const { type } = header;
  // Links, devices and directories have no bytes, even where a size is stated. Some tools write links with their bytes.
  if ("123456".includes(type) && !(type === "1" && (await hasBytes(read, start, storedBytes)))) {
    return { sizeBytes: 0, extents: [], end: start };
  }
  const end = start + storedBytes;
  if (type === "S" && attributes.sparse === undefined) {
    if (!isGnu(header)) return { sizeBytes: storedBytes, extents: undefined, end };
    const sparse = await readOldSparse(read, header.block, start);
    return typeof sparse === "string" ? sparse : laidOut(sparse, sparse.start + storedBytes);
  }
  if (attributes.sparse !== undefined) {
    return laidOut(await readPaxSparse(read, attributes.sparse, start, storedBytes), end);
  }
  const extents = attributes.isForeignSparse ? undefined : [{ start, sizeBytes: storedBytes }];
  return { sizeBytes: storedBytes, extents, end };
}

function laidOut({ map, start, sizeBytes }: StoredSparse, end: number): Stored {
  const extents =
    map && sizeBytes !== undefined ? unfold(map, { start, storedBytes: end - start, sizeBytes }) : undefined;
  return { sizeBytes: sizeBytes ?? end - start, extents, end };
}

/** Whether a link is followed by the bytes that it states, rather than by the next member. */
async function hasBytes(read: ReadAt, start: number, sizeBytes: number): Promise<boolean> {
  if (sizeBytes === 0) return false;
  const next = Buffer.from(await read(start, blockBytes));
  return parseHeader(next) === undefined && next.some((byte) => byte !== 0);
}

/** The members so far, with the links among them. */
class MemberList {
  readonly #members: TarMember[] = [];
  /** The last member of each name, which is the one that tar leaves there. */
  readonly #latest = new Map<string, TarMember>();
  readonly #symbolic = new Map<TarMember, string>();

  get count(): number {
    return this.#members.length;
  }

  add(header: TarHeader, attributes: TarAttributes, stored: Stored | undefined): void {
    const { type, name: shortName } = header;
    const name = attributes.sparse?.["name"] ?? attributes.path ?? shortName;
    const linkName = attributes.linkPath ?? header.linkName;
    const own = { name, sizeBytes: stored?.sizeBytes ?? header.sizeBytes, extents: stored?.extents };
    const isLinkAlone = type === "1" && stored?.end !== undefined && stored.extents?.length === 0;
    const target = isLinkAlone ? this.#latest.get(memberPath(linkName)) : undefined;
    const member: TarMember = isLinkAlone
      ? { name, kind: target?.kind ?? "link", sizeBytes: target?.sizeBytes ?? 0, extents: target?.extents }
      : { ...own, kind: kindOf(type, name) };
    if (type === "2") this.#symbolic.set(member, memberPath(`${name}/../${linkName}`));
    this.#members.push(member);
    this.#latest.set(memberPath(name), member);
  }

  /** Returns the members, with symbolic links to files of the archive followed. */
  resolved(): readonly TarMember[] {
    return this.#members.map((member) => {
      if (!this.#symbolic.has(member)) return member;
      let target: TarMember | undefined = member;
      for (let steps = 0; steps < 8 && target !== undefined && this.#symbolic.has(target); steps++) {
        target = this.#latest.get(this.#symbolic.get(target) ?? "");
      }
      const { sizeBytes = 0, extents } = target?.kind === "file" ? target : {};
      return { ...member, sizeBytes, extents };
    });
  }
}

function kindOf(type: string, name: string): TarMember["kind"] {
  if (type === "5" || (name.endsWith("/") && "0\0".includes(type))) return "directory";
  if (type === "2" || type === "1") return type === "2" ? "link" : "file";
  // Devices and pipes; volume labels, continued members, directory dumps and access lists of GNU, Solaris and others.
  return "346VMNDAEI".includes(type) ? "other" : "file";
}

function readAttributes(type: string, text: Buffer, known: TarAttributes): TarAttributes | undefined {
  if (type !== "L" && type !== "K") return readPax(text, known);
  if (text.length > maxPathBytes) return undefined;
  return { ...known, [type === "L" ? "path" : "linkPath"]: textAt(text, 0, text.length) };
}

function isGnu({ block }: TarHeader): boolean {
  return block.toString("latin1", 257, 263) === "ustar ";
}

function blockEnd(position: number): number {
  return Math.ceil(position / blockBytes) * blockBytes;
}

/** Whether anything but zeros follows the end, or more than is read. */
async function holdsMore(read: ReadAt, start: number, archiveBytes: number): Promise<boolean> {
  for (let position = start; position < archiveBytes;) {
    if (position - start >= maxPaddingBytes) return true;
    const bytes = await read(position, 65_536);
    if (bytes.some((byte) => byte !== 0)) return true;
    if (bytes.length === 0) return false;
    position += bytes.length;
  }
  return false;
}
