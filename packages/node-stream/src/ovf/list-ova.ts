import type { PackageNote } from "@carrel/core";
import type { Digest } from "@carrel/core/transfer";
import { filesIn, notesOn, readManifests } from "./archive-files.ts";
import { MemberReader } from "./member-reader.ts";
import type { OvaBytes } from "./member-reader.ts";
import { PackageCheck } from "@carrel/core/transfer";
import { listTar } from "./tar.ts";
import type { Extent } from "./tar-sparse.ts";

/** A file in an OVA archive. */
export interface OvaMember {
  /** With its directories where it has any; `.` and repeated slashes are removed. */
  readonly name: string;
  /** Including the holes of a sparse file. */
  readonly sizeBytes: number;
  /** What a manifest in the archive states; absent where none names the file. */
  readonly digest?: Digest;
  /** The manifest that states it. */
  readonly manifest?: string;
  /** Where its bytes are in the archive; absent where they cannot be located, or the archive ends before them. */
  readonly extents?: readonly Extent[];
}

/** The files of an OVA archive, by {@link listOva}. */
export interface OvaListing {
  /** In the order of the archive. Of several files with one name only the last is listed, which is the one that tar extracts. */
  readonly members: readonly OvaMember[];
  /** What is wrong with the archive: `truncated`, `damaged`, `too-many-members`, `repeated-member`; empty where nothing is. */
  readonly notes: readonly PackageNote[];
}

/**
 * Lists the files of an OVA archive from its headers and its manifests, without reading the disks.
 *
 * Cost on the wire, with `openRandomAccess`: one read for each file that is not close to the one before, a few dozen
 * kilobytes each; `maxFetchedBytes` bounds it.
 *
 * @returns `undefined` where the file is not an archive.
 *
 * @example
 * ```ts
 * import { open } from "node:fs/promises";
 * import { listOva } from "@carrel/node-stream/ovf";
 *
 * async function namesIn(path: string): Promise<readonly string[]> {
 *   await using file = await open(path);
 *   const { size: sizeBytes } = await file.stat();
 *   const read = async (position: number, length: number): Promise<Uint8Array> => {
 *     const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(length), position });
 *     return buffer.subarray(0, bytesRead);
 *   };
 *   const listing = await listOva({ sizeBytes, read });
 *   return listing?.members.map(({ name }) => name) ?? [];
 * }
 * ```
 */
export async function listOva(archive: OvaBytes): Promise<OvaListing | undefined> {
  const read = archive.read.bind(archive);
  const listing = await listTar(read, archive.sizeBytes, { readsRest: false });
  if (listing === undefined) return undefined;
  const files = filesIn(listing);
  const manifests = await readManifests(files, new MemberReader(archive));
  const check = new PackageCheck(manifests, [...files.keys()]);
  const members = [...files].map(([name, { sizeBytes, extents }]): OvaMember => {
    // A claim about the pieces of one file says nothing of each.
    const claim = check.claimsOf(name).find((each) => each.files.length === 1);
    return {
      name,
      sizeBytes,
      ...(claim !== undefined && { digest: claim.digest, manifest: claim.manifest }),
      ...(extents !== undefined && { extents }),
    };
  });
  return { members, notes: notesOn(undefined, listing) };
}
