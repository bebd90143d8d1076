import type { PackageNote } from "@carrel/core";
import { digestAlgorithm } from "../files/checksum.ts";
import type { Digest, DigestAlgorithm } from "../files/checksum.ts";

/** A manifest has a line for each file; larger ones are not read. */
export const maxManifestBytes: number = 4 * 1024 * 1024;

/** A line of a manifest that states the digest of a file. */
export interface DigestLine {
  /** The first is 1. */
  readonly line: number;
  /** The file, as it is written there. */
  readonly named: string;
  readonly digest: Digest;
}

/** What an OVF manifest (`.mf`) says of the files of its package. */
export interface Manifest {
  readonly name: string;
  readonly lines: readonly DigestLine[];
  /** What of it cannot be used. */
  readonly notes: readonly PackageNote[];
}

/** Whether a file is a manifest by its name. What macOS keeps beside files (`._NAME`) belongs to no package. */
export function isManifest(name: string): boolean {
  return /\.mf$/i.test(name) && !isAppleDouble(name);
}

/** Whether a file is what macOS keeps beside another one. */
export function isAppleDouble(name: string): boolean {
  return /(?:^|\/)\._[^/]*$/.test(name);
}

/** Reads a manifest. Every line that is not empty is either understood or noted. */
export function parseManifest(name: string, bytes: Uint8Array): Manifest {
  if (bytes.length > maxManifestBytes) return unusable(name, "too-large");
  const text = decode(bytes);
  if (text === undefined) return unusable(name, "encoding");
  const lines: DigestLine[] = [];
  const notes: PackageNote[] = [];
  for (const [index, content] of text.split(/\r\n|\n|\r/).entries()) {
    if (content.trim() === "") continue;
    const read = parseLine(content);
    if ("digest" in read) lines.push({ line: index + 1, ...read });
    else notes.push({ ...read, manifest: name, line: index + 1 });
  }
  return lines.length + notes.length === 0 ? unusable(name, "empty") : { name, lines, notes };
}

/** A manifest that says nothing. */
export function unusable(name: string, reason: "unavailable" | "too-large" | "encoding" | "empty"): Manifest {
  return { name, lines: [], notes: [{ reason, manifest: name }] };
}

/** UTF-8, or UTF-16 with a mark, as Windows writes it. */
function decode(bytes: Uint8Array): string | undefined {
  const [first, second] = bytes;
  const isUtf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  const text = new TextDecoder(isUtf16 ? (first === 0xff ? "utf-16le" : "utf-16be") : "utf-8").decode(bytes);
  return text.includes("\0") ? undefined : text;
}

// In two parts around the name, so that no line takes longer than its length.
const beforeName = /^\s*([a-z][a-z0-9_./-]{0,40})\s{0,40}\(/i;
const afterName = /^\s{0,40}=\s{0,40}(\S*)$/;
const coreutils = /^([0-9a-f]{32,})(?: [ *]|[ \t]+)(.+)$/i;
const byLength: ReadonlyMap<number, DigestAlgorithm> = new Map([
  [32, "md5"],
  [40, "sha1"],
  [64, "sha256"],
  [128, "sha512"],
]);
const hexLength: Readonly<Record<DigestAlgorithm, number>> = { sha1: 40, md5: 32, sha256: 64, sha512: 128 };

type Line = Omit<DigestLine, "line"> | Pick<PackageNote, "reason" | "named" | "value">;

/** `SHA256(name)= hex`, as openssl, BSD and OVF tools write it; or `hex  name`, as sha256sum does. */
function parseLine(content: string): Line {
  // These tools escape line breaks in a name, and say so by a backslash in front of the line.
  const isEscaped = content.startsWith("\\");
  const line = isEscaped ? content.slice(1) : content;
  const nameOf = (text: string): string => (isEscaped ? unescapeName(text) : text);
  const end = line.lastIndexOf(")");
  const [start = "", word] = beforeName.exec(line) ?? [];
  const [, hex] = afterName.exec(line.slice(end + 1).trimEnd()) ?? [];
  if (word !== undefined && hex !== undefined && end > start.length) {
    const named = nameOf(line.slice(start.length, end));
    const algorithm = algorithmOf(word);
    if (algorithm === undefined) return { reason: "unknown-algorithm", named, value: shortened(word) };
    if (hex.length !== hexLength[algorithm] || !/^[0-9a-f]+$/i.test(hex)) {
      return { reason: "digest-length", named, value: shortened(hex) };
    }
    return { named, digest: { algorithm, hex: hex.toLowerCase() } };
  }
  const [, sum, listed] = coreutils.exec(line.trimStart()) ?? [];
  if (sum === undefined || listed === undefined) return { reason: "unreadable-line", value: shortened(content.trim()) };
  const algorithm = byLength.get(sum.length);
  const named = nameOf(listed);
  if (algorithm === undefined) return { reason: "digest-length", named, value: shortened(sum) };
  return { named, digest: { algorithm, hex: sum.toLowerCase() } };
}

/** `SHA-256`, `sha256` and `SHA2-256` are one; `SHA3-256` and `SHA512/256` are others. */
function algorithmOf(word: string): DigestAlgorithm | undefined {
  const plain = word.toUpperCase().replace(/^SHA-?2[-_](?=256$|512$)/, "SHA");
  return digestAlgorithm(plain.replace("_", "-"));
}

function unescapeName(text: string): string {
  return text.replaceAll(/\\(.)/g, (_escape, letter: string) => ({ n: "\n", r: "\r" })[letter] ?? letter);
}

function shortened(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
