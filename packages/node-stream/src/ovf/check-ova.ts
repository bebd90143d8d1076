import { IntegrityError } from "@carrel/core";
import type { ArchiveReport, PackageNote, VerifiedBy } from "@carrel/core";
import { PackageCheck, quote } from "@carrel/core/transfer";
import { filesIn, notesOn, readManifests } from "./archive-files.ts";
import { MemberReader } from "./member-reader.ts";
import type { ArchiveBytes } from "./member-reader.ts";
import type { Claim } from "@carrel/core/transfer";
import { listTar } from "./tar.ts";
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

/**
 * Compares the members of an OVA archive with the manifests inside it. What cannot be compared is noted.
 *
 * @throws {@link IntegrityError} `INTEGRITY`: a member does not match its manifest; or the archive is not whole, and the
 * server's checksum does not verify it.
 */
export async function checkOva(archive: OvaArchive, { verifiedBy, onContradiction }: OvaTrust): Promise<OvaFindings> {
  const { name, sizeBytes } = archive;
  const listing = await listTar((position, length) => archive.read(position, length), sizeBytes);
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
