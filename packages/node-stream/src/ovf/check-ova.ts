import { IntegrityError } from "@carrel/core";
import type { ArchiveReport, PackageNote, VerifiedBy } from "@carrel/core";
import { quote } from "../files/names.ts";
import { isManifest, maxManifestBytes, parseManifest, unusable } from "./manifest.ts";
import type { Manifest } from "./manifest.ts";
import { MemberReader } from "./member-reader.ts";
import type { ArchiveBytes } from "./member-reader.ts";
import { PackageCheck } from "./package-check.ts";
import type { Claim } from "./package-check.ts";
import { listTar, memberPath } from "./tar.ts";
import type { TarListing, TarMember } from "./tar.ts";

/** An OVA archive to check. */
export interface OvaArchive extends ArchiveBytes {
  readonly name: string;
}

/** What is known of an archive before it is checked, and what to do about a manifest that contradicts it. */
export interface OvaTrust {
  readonly verifiedBy: VerifiedBy;
  readonly onContradiction: "error" | "report";
}

/** The result of checking an archive. */
export interface OvaFindings {
  readonly report: ArchiveReport;
  /** Its manifests verify all files in it. */
  readonly isVerified: boolean;
  /** Why they do not, where it has manifests; empty otherwise. */
  readonly doubts: readonly PackageNote[];
}

/** How many manifests of one archive are read, and how many bytes of them in all. */
const maxManifests = 100;
const maxBytesOfManifests = 4 * maxManifestBytes;

/**
 * Compares the members of an OVA archive with the manifests inside it. What cannot be compared is noted.
 *
 * @throws {@link IntegrityError} `INTEGRITY`: a member does not match its manifest; or the archive is not whole, and the
 * server's checksum does not verify it.
 */
export async function checkOva(archive: OvaArchive, { verifiedBy, onContradiction }: OvaTrust): Promise<OvaFindings> {
  const { name, sizeBytes, read } = archive;
  const listing = await listTar(read, sizeBytes);
  if (listing === undefined) return nothingIn([{ reason: "not-an-archive", file: name }]);
  // By the server's checksum, or by a manifest beside it.
  const isKnown = verifiedBy === "checksum" || verifiedBy === "manifest";
  if (listing.end === "truncated" && !isKnown) throw broken(name, "it ends in the middle of a member");
  const files = filesIn(listing);
  const reader = new MemberReader(archive);
  const manifests = await readManifests(files, reader);
  const check = new PackageCheck(manifests, [...files.keys()]);
  for (const claim of check.claims) {
    const members = claim.files.flatMap((file) => files.get(file) ?? []);
    const actual = await reader.digestOf(claim.digest.algorithm, members);
    if (actual === undefined) check.refute(claim, "unreadable-file");
    else if (actual === claim.digest.hex) continue;
    else if (onContradiction === "report") check.refute(claim, "contradicted");
    else throw contradicted(name, claim, verifiedBy);
  }
  if (!isKnown) assertWhole(name, verifiedBy, listing, check);
  const notes = notesOn(name, listing);
  const isWhole = notes.length === 0;
  const isVerified = manifests.length > 0 && isWhole && check.isComplete();
  const report = { manifests: check.reports(new Set(files.keys())), notes };
  return { report, isVerified, doubts: isVerified || manifests.length === 0 ? [] : doubtsAbout(files, check, notes) };
}

/** Without a checksum, an archive without a proper end is damaged, unless the manifests verify everything that they name. */
function assertWhole(name: string, verifiedBy: VerifiedBy, { end, isFollowed }: TarListing, check: PackageCheck): void {
  if (check.claims.length > 0 && check.isComplete()) return;
  const [missing] = check.missing();
  if (end === "damaged") throw broken(name, "it is damaged where a member should begin");
  if (missing?.named === undefined) return;
  const what = `it lacks ${quote(missing.named)}, which its manifest names`;
  if (isFollowed) throw broken(name, `${what}, and data follows its end`);
  // As after a transfer that broke off between two members.
  if (end === "border" && verifiedBy === "nothing") throw broken(name, `${what}, and has no end mark`);
}

/** The files that tar would extract, and links to them. Of several members with one name the last counts. */
function filesIn({ members }: TarListing): ReadonlyMap<string, TarMember> {
  const files = new Map<string, TarMember>();
  for (const member of members) {
    const path = memberPath(member.name);
    files.delete(path);
    if (member.kind === "file" || (member.kind === "link" && member.extents !== undefined)) files.set(path, member);
  }
  return files;
}

async function readManifests(files: ReadonlyMap<string, TarMember>, reader: MemberReader): Promise<Manifest[]> {
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

function notesOn(file: string, { members, end, isFollowed }: TarListing): readonly PackageNote[] {
  const notes: PackageNote[] = [];
  if (end === "truncated" || end === "damaged") notes.push({ reason: end, file });
  if (end === "limit") notes.push({ reason: "too-many-members", file });
  if (isFollowed) notes.push({ reason: "data-after-end", file });
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

function doubtsAbout(
  files: ReadonlyMap<string, TarMember>,
  check: PackageCheck,
  notes: readonly PackageNote[],
): readonly PackageNote[] {
  const ofFiles = [...files.keys()].flatMap((file) => check.doubtsOf(file));
  return [...new Set([...notes, ...check.missing(), ...ofFiles])].slice(0, 100);
}

function nothingIn(notes: readonly PackageNote[]): OvaFindings {
  return { report: { manifests: [], notes }, isVerified: false, doubts: [] };
}

function broken(archive: string, why: string): IntegrityError {
  return new IntegrityError(`Archive ${quote(archive)} is not whole: ${why}`, { problem: "archive" });
}

function contradicted(archive: string, { files, manifest, line }: Claim, verifiedBy: VerifiedBy): IntegrityError {
  const [first = ""] = files;
  const what = files.length === 1 ? quote(first) : `${quote(first)} with its ${files.length - 1} other pieces`;
  const fact = `${what} in ${quote(archive)} does not match the OVF manifest ${quote(manifest)} (line ${line})`;
  if (verifiedBy !== "checksum") return new IntegrityError(fact, { problem: "archive" });
  return new IntegrityError(
    `${fact}, but the archive matches the server's checksum: the server has exactly these bytes, and the manifest is wrong`,
    { problem: "manifest" },
  );
}
