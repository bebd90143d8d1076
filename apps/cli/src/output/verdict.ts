import type { ManifestReport, PackageNote, VerifiedBy } from "@carrel/core";
import type { DownloadReport, FileReport } from "@carrel/node-stream";
import { noteText, quote } from "@carrel/node-stream/fs";
import { formatBytes, formatCount, formatRate } from "./format.ts";

/** What a report says about how files were verified. */
export type Verified = Pick<DownloadReport, "manifests"> & {
  readonly files: readonly Pick<
    FileReport,
    "name" | "verifiedBy" | "unchangedSince" | "recordedBy" | "doubts" | "archive"
  >[];
};

/** The most sentences for one item; --json has all of them. */
const maxSentences = 20;

/**
 * Summarizes how files were verified: `all verified by checksum`, or how many by which check: `verified 35 by checksum, 1 by
 * length`, `4 verified by manifest`. Files that still are what an earlier run verified are counted by what it compared them with: `all unchanged since
 * verified by checksum`.
 * @param paint - Colours the text: yellow where a file is verified by less than a digest.
 */
export function describeVerdict(
  downloads: readonly Verified[],
  paint: (format: "yellow", text: string) => string = (_format, text) => text,
): string {
  const all = downloads.flatMap((download) => download.files);
  const files = all.filter((file) => earlierVerdict(file) === undefined);
  const count = (verifiedBy: VerifiedBy, isDoubted = false): number =>
    files.filter((file) => file.verifiedBy === verifiedBy && isDoubted === hasDoubts(file)).length;
  const notes = downloads.flatMap(manifestsOf).flatMap((manifest) => manifest.notes);
  const missing = notes.filter(({ reason }) => reason === "missing").length;
  const contradicted = notes.filter(({ reason }) => reason === "contradicted").length;
  const unverified = files.filter(({ verifiedBy }) => verifiedBy === "nothing").length;
  const doubted = count("length", true);
  const proven = (["checksum", "manifest", "length"] as const).flatMap((by) => {
    const number = by === "length" ? count(by) : count(by) + count(by, true);
    return number > 0 ? [{ by, number }] : [];
  });
  const unchanged = (["checksum", "manifest", "length"] as const).flatMap((by) => {
    const number = all.filter((file) => earlierVerdict(file) === by).length;
    return number > 0 ? [{ by, number }] : [];
  });
  const verdict = [
    ...describeProven("verified", proven, missing + contradicted === 0 ? all.length : undefined),
    ...describeProven("unchanged since verified", unchanged, missing + contradicted === 0 ? all.length : undefined),
    ...(unverified > 0 ? [`${unverified} UNVERIFIED: nothing to check against`] : []),
    ...(doubted > 0 ? [`${doubted} verified by length only, as the manifest cannot verify it`] : []),
    ...(missing > 0 ? [`${formatCount(missing, "file")} MISSING that a manifest names`] : []),
    ...(contradicted > 0 ? [`${formatCount(contradicted, "file")} CONTRADICTED by a manifest`] : []),
  ];
  const text = verdict.join("; ") || "nothing to verify";
  const isWeak = all.some((file) => isWeakVerdict(earlierVerdict(file) ?? file.verifiedBy));
  return isWeak || missing + contradicted > 0 ? paint("yellow", text) : text;
}

function isWeakVerdict(verifiedBy: VerifiedBy): boolean {
  return verifiedBy === "length" || verifiedBy === "nothing";
}

/**
 * Returns how an earlier run verified a file whose bytes are still those, where that is more than is known now: without a download,
 * many servers state no checksum.
 */
function earlierVerdict({
  verifiedBy,
  unchangedSince,
  recordedBy,
  doubts,
}: Omit<Verified["files"][number], "name">): VerifiedBy | undefined {
  if (unchangedSince === undefined || verifiedBy !== "length" || doubts !== undefined) return undefined;
  return recordedBy === "nothing" ? undefined : recordedBy;
}

function hasDoubts({ doubts }: Verified["files"][number]): boolean {
  return doubts !== undefined;
}

function describeProven(
  how: string,
  proven: readonly { readonly by: VerifiedBy; readonly number: number }[],
  /** How many files there are; absent where something is wrong with the whole, so that "all" would be said too soon. */
  files: number | undefined,
): readonly string[] {
  const [first] = proven;
  if (first === undefined) return [];
  if (first.number === files) return [`all ${how} by ${first.by}`];
  if (proven.length === 1) return [`${first.number} ${how} by ${first.by}`];
  return [`${how} ${proven.map(({ by, number }) => `${number} by ${by}`).join(", ")}`];
}

/** Describes the notes about the manifests and archives of an item, a sentence each. */
export function describeNotes({ files, manifests }: Verified): readonly string[] {
  const sentences = [
    ...manifests.flatMap((manifest) => manifest.notes.map(noteText)),
    ...files.flatMap(({ name, archive }) => {
      const notes = [...(archive?.notes ?? []), ...(archive?.manifests.flatMap((manifest) => manifest.notes) ?? [])];
      const ofWhole = (note: PackageNote): boolean => note.manifest === undefined && note.file === name;
      return notes.map((note) => (ofWhole(note) ? noteText(note) : `${quote(name)}: ${noteText(note)}`));
    }),
    ...files.flatMap((file) => weaknessOf(file, manifests)),
  ];
  const left = sentences.length - maxSentences;
  return left > 0 ? [...sentences.slice(0, maxSentences), `${left} more of these; --json has them`] : sentences;
}

/** Describes a file that no manifest verifies although there is one, where only its length or nothing was compared. */
function weaknessOf(
  { name, verifiedBy, doubts, archive }: Verified["files"][number],
  manifests: readonly ManifestReport[],
): readonly string[] {
  if (verifiedBy === "checksum" || verifiedBy === "manifest") return [];
  const how = verifiedBy === "length" ? "only its length was compared" : "nothing was compared";
  if (doubts !== undefined) return [`${quote(name)}: no manifest verifies it, ${how}`];
  if (manifests.some(({ unnamed }) => unnamed.includes(name))) return [`${quote(name)}: no manifest names it, ${how}`];
  const unnamed = archive?.manifests[0]?.unnamed ?? [];
  const [first] = unnamed;
  if (first === undefined) return [];
  const more = unnamed.length > 1 ? ` and ${unnamed.length - 1} more` : "";
  return [`${quote(name)}: its manifest does not name ${quote(first)}${more}, ${how}`];
}

function manifestsOf({ manifests, files }: Verified): readonly { readonly notes: readonly PackageNote[] }[] {
  return [...manifests, ...files.flatMap(({ archive }) => archive?.manifests ?? [])];
}

/** How a file was verified, in words. */
export const verifiedWords: Readonly<Record<VerifiedBy, string>> = {
  checksum: "verified by checksum",
  manifest: "verified by manifest",
  length: "verified by length",
  nothing: "UNVERIFIED",
};

/** What the line about a finished file shows. */
export interface FileLine {
  readonly name: string;
  readonly sizeBytes: number;
  readonly verifiedBy: VerifiedBy;
  /** Absent where nothing was transferred. */
  readonly bytesPerSecond?: number | undefined;
  readonly skipped: boolean;
  /** When a file that was skipped was recorded, and how it was verified then. */
  readonly unchangedSince?: string;
  readonly recordedBy?: VerifiedBy;
}

/** Formats the day of a time: `28 Nov 2026`. */
export function formatDate(time: string): string {
  return new Date(time).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric" });
}

/** Says since when a file is known: `unchanged since 28 Nov 2026`. */
export function sinceWords(time: string): string {
  return `unchanged since ${formatDate(time)}`;
}

/**
 * Formats the line about a finished file: size, verification, rate, and the name last, so that it is never cut off.
 * @param paint - Colours the words on the verification.
 */
export function fileLine(file: FileLine, paint: (verifiedBy: VerifiedBy, text: string) => string): string {
  const size = formatBytes(file.sizeBytes).padStart(10);
  const earlier = earlierVerdict(file);
  if (earlier !== undefined && file.unchangedSince !== undefined) {
    return `${size}  ${paint(earlier, sinceWords(file.unchangedSince).padEnd(34))}  ${file.name}`;
  }
  const words = paint(file.verifiedBy, verifiedWords[file.verifiedBy].padEnd(20));
  const rate = file.bytesPerSecond === undefined ? "" : formatRate(file.bytesPerSecond);
  return `${size}  ${words}  ${(file.skipped ? "exists" : rate).padStart(12)}  ${file.name}`;
}
