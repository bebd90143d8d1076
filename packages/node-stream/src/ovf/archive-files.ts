import type { PackageNote } from "@carrel/core";
import { defined } from "@carrel/core/kit";
import { isManifest, maxManifestBytes, memberPath, parseManifest, unusable } from "@carrel/core/transfer";
import type { Manifest } from "@carrel/core/transfer";
import type { MemberReader } from "./member-reader.ts";
import type { TarListing, TarMember } from "./tar.ts";

/** How many manifests of one archive are read, and how many bytes of them in all. */
const maxManifests = 100;
const maxBytesOfManifests = 4 * maxManifestBytes;

/** The files that tar would extract, and links to them. Of several members with one name the last counts. */
export function filesIn({ members }: TarListing): ReadonlyMap<string, TarMember> {
  const files = new Map<string, TarMember>();
  for (const member of members) {
    const path = memberPath(member.name);
    files.delete(path);
    if (member.kind === "file" || (member.kind === "link" && member.extents !== undefined)) files.set(path, member);
  }
  return files;
}

/** Reads the manifests among the files; those that are too large, or too many, state nothing. */
export async function readManifests(files: ReadonlyMap<string, TarMember>, reader: MemberReader): Promise<Manifest[]> {
  const manifests: Manifest[] = [];
  let bytes = 0;
  for (const [path, member] of files) {
    if (!isManifest(path)) continue;
    bytes += member.sizeBytes;
    const isTooLarge = member.sizeBytes > maxManifestBytes || bytes > maxBytesOfManifests;
    const content = isTooLarge || manifests.length >= maxManifests ? undefined : await reader.content(member);
    manifests.push(content === undefined ? unusable(path, "too-large") : parseManifest(path, content));
    if (manifests.length > maxManifests) break;
  }
  return manifests;
}

/** Notes what is wrong with an archive; `file` is its name, where there is one. */
export function notesOn(file: string | undefined, { members, end, isFollowed }: TarListing): readonly PackageNote[] {
  const notes: PackageNote[] = [];
  const about = defined({ file });
  if (end === "truncated" || end === "damaged") notes.push({ reason: end, ...about });
  if (end === "limit") notes.push({ reason: "too-many-members", ...about });
  if (isFollowed) notes.push({ reason: "data-after-end", ...about });
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (const { name, kind } of members) {
    const path = memberPath(name);
    if (kind === "file" && seen.has(path)) repeated.add(path);
    seen.add(path);
  }
  const [first] = repeated;
  if (first !== undefined) {
    const more = repeated.size - 1;
    notes.push({ reason: "repeated-member", file: first, ...(more > 0 && { more }) });
  }
  return notes;
}
