import type { PackageNote } from "../download/package-report.ts";
import { digestAlgorithm } from "./checksum.ts";
import type { Digest, DigestAlgorithm } from "./checksum.ts";

/**
 * A manifest has a line for each file; larger manifests are not read.
 *
 * @private Does not follow semantic versioning.
 */
export const maxManifestBytes: number = 4 * 1024 * 1024;

/**
 * A line of a manifest that states the digest of a file.
 *
 * @private Does not follow semantic versioning.
 */
export interface DigestLine {
  /** Counted from 1. */
  readonly line: number;
  /** The file, as the manifest writes it. */
  readonly named: string;
  readonly digest: Digest;
}

/**
 * What an OVF manifest (`.mf`) states about the files of its package.
 *
 * @private Does not follow semantic versioning.
 */
export interface Manifest {
  readonly name: string;
  readonly lines: readonly DigestLine[];
  /** The parts that cannot be used. */
  readonly notes: readonly PackageNote[];
}

/**
 * Whether a file is a manifest by its name. What macOS stores beside files (`._NAME`) does not belong to a package.
 *
 * @private Does not follow semantic versioning.
 */
export function isManifest(name: string): boolean {
  return /\.mf$/iu.test(name) && !isAppleDouble(name);
}

/**
 * Whether a file is what macOS stores beside another one.
 *
 * @private Does not follow semantic versioning.
 */
export function isAppleDouble(name: string): boolean {
  return /(?:^|\/)\._[^/]*$/u.test(name);
}

/**
 * Reads a manifest. Every line that is not empty is either understood or noted.
 *
 * @private Does not follow semantic versioning.
 */
export function parseManifest(name: string, bytes: Uint8Array): Manifest {
  if (bytes.length > maxManifestBytes) return unusable(name, "too-large");
  const text = decode(bytes);
  if (text === undefined) return unusable(name, "encoding");
  const lines: DigestLine[] = [];
  const notes: PackageNote[] = [];
  for (const [index, content] of text.split(/\r\n|\n|\r/u).entries()) {
    if (content.trim() === "") continue;
    const read = parseLine(content);
    if ("digest" in read) lines.push({ line: index + 1, ...read });
    else notes.push({ ...read, manifest: name, line: index + 1 });
  }
  return lines.length + notes.length === 0 ? unusable(name, "empty") : { name, lines, notes };
}

/**
 * Creates a manifest that states nothing, with the reason as a note.
 *
 * @private Does not follow semantic versioning.
 */
export function unusable(name: string, reason: "unavailable" | "too-large" | "encoding" | "empty"): Manifest {
  return { name, lines: [], notes: [{ reason, manifest: name }] };
}

/** Decodes UTF-8, or UTF-16 with a byte order mark, as Windows writes it. */
function decode(bytes: Uint8Array): string | undefined {
  const [first, second] = bytes;
  const isUtf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  const text = new TextDecoder(isUtf16 ? (first === 0xff ? "utf-16le" : "utf-16be") : "utf-8").decode(bytes);
  return text.includes("\0") ? undefined : text;
}

// Two expressions, before and after the name, so that matching is linear in the length of a line.
const beforeName = /^\s*([A-Za-z][A-Za-z0-9_./-]{0,40})\s{0,40}\(/u;
const afterName = /^\s{0,40}=\s{0,40}(\S*)$/u;
const coreutils = /^([0-9a-f]{32,})(?: [ *]|[ \t]+)(.+)$/iu;
const byLength: ReadonlyMap<number, DigestAlgorithm> = new Map([
  [32, "md5"],
  [40, "sha1"],
  [64, "sha256"],
  [128, "sha512"],
]);
const hexLength: Readonly<Record<DigestAlgorithm, number>> = { sha1: 40, md5: 32, sha256: 64, sha512: 128 };

type Line = Omit<DigestLine, "line"> | Pick<PackageNote, "reason" | "named" | "value">;

/** Reads `SHA256(name)= hex`, as openssl, BSD and OVF tools write it, or `hex  name`, as sha256sum does. */
function parseLine(content: string): Line {
  // These tools escape line breaks in a name, and mark such a line by a leading backslash.
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
    if (hex.length !== hexLength[algorithm] || !/^[0-9a-f]+$/iu.test(hex)) {
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

/** `SHA-256`, `sha256` and `SHA2-256` are the same algorithm; `SHA3-256` and `SHA512/256` are different ones. */
function algorithmOf(word: string): DigestAlgorithm | undefined {
  const plain = word.toUpperCase().replace(/^SHA-?2[-_](?=256$|512$)/u, "SHA");
  return digestAlgorithm(plain.replace("_", "-"));
}

function unescapeName(text: string): string {
  return text.replaceAll(/\\(.)/gu, (_escape, letter: string) => ({ n: "\n", r: "\r" })[letter] ?? letter);
}

function shortened(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
