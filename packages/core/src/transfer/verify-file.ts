import { IntegrityError } from "../errors/transfer-errors.ts";
import type { PackageNote } from "../download/package-report.ts";
import type { VerifiedBy } from "../download/download-event.ts";
import { checkOneOf } from "../kit/checks.ts";
import type { Digest, DigestAlgorithm } from "./checksum.ts";
import { quote } from "./names.ts";
import { noteText } from "./note-text.ts";
import type { Claim } from "./package-check.ts";

/**
 * What is known of a file whose bytes arrived.
 *
 * @private Does not follow semantic versioning.
 */
export interface Evidence {
  readonly name: string;
  /** Bytes that arrived. */
  readonly bytes: number;
  /** The length that the server states after the download. */
  readonly sizeBytes: number | undefined;
  /** The server's checksums: it may state another algorithm after the download than before. */
  readonly checksums: readonly Digest[];
  /** What the lines of OVF manifests state of the file. */
  readonly claims: readonly Claim[];
  /** Called with a claim that does not hold, which otherwise is an error. */
  readonly onContradiction?: ((claim: Claim) => Promise<void>) | undefined;
  /** Whether the transfer itself had a stated length. */
  readonly lengthStated: boolean;
  /** Returns the digest of what arrived. */
  readonly digestOf: (algorithm: DigestAlgorithm) => Promise<string>;
}

/**
 * Compares a file with everything that is known of it, and returns the strongest thing that it agrees with. Everything that
 * can be compared is compared: a file with the right checksum and the wrong length is wrong.
 *
 * @throws {@link IntegrityError} `INTEGRITY`, `length`, `digest` or `manifest`: something does not agree.
 *
 * @private Does not follow semantic versioning.
 */
export async function verifyFile(evidence: Evidence): Promise<VerifiedBy> {
  const { name, bytes, sizeBytes, checksums } = evidence;
  if (sizeBytes !== undefined && sizeBytes !== bytes) {
    const how = bytes < sizeBytes ? "short" : "long";
    throw new IntegrityError(`${quote(name)} is too ${how}: received ${bytes} bytes, expected ${sizeBytes}`, {
      problem: "length",
    });
  }
  for (const checksum of checksums) await compareChecksum(evidence, checksum);
  const byChecksum = checksums.length > 0;
  const byManifest = await compareClaims(evidence, byChecksum);
  if (byChecksum) return "checksum";
  if (byManifest) return "manifest";
  return sizeBytes !== undefined || evidence.lengthStated ? "length" : "nothing";
}

/** Compares every line of the manifests, also after one that agreed. */
async function compareClaims(evidence: Evidence, byChecksum: boolean): Promise<boolean> {
  let isContradicted = false;
  for (const claim of evidence.claims) {
    const { algorithm, hex } = claim.digest;
    const actual = await evidence.digestOf(algorithm);
    if (actual === hex) continue;
    if (evidence.onContradiction === undefined) throw contradicted(evidence.name, claim, actual, byChecksum);
    isContradicted = true;
    await evidence.onContradiction(claim);
  }
  return evidence.claims.length > 0 && !isContradicted;
}

async function compareChecksum({ name, digestOf }: Evidence, { algorithm, hex }: Digest): Promise<void> {
  const actual = await digestOf(algorithm);
  if (actual === hex) return;
  throw new IntegrityError(
    `${quote(name)} does not match the server's checksum: its ${algorithm} is ${actual}, expected ${hex}`,
    { problem: "digest" },
  );
}

/**
 * Creates the error for a file that a manifest contradicts.
 *
 * @private Does not follow semantic versioning.
 */
export function contradicted(name: string, claim: Claim, actual: string, byChecksum: boolean): IntegrityError {
  const { manifest, line, named, digest } = claim;
  const spelled = named === name ? "" : `, which names it ${quote(named)}`;
  const fact = `${quote(name)} does not match the OVF manifest ${quote(manifest)} (line ${line}${spelled})`;
  const digests = `its ${digest.algorithm} is ${actual}, expected ${digest.hex}`;
  if (!byChecksum) return new IntegrityError(`${fact}: ${digests}`, { problem: "digest" });
  return new IntegrityError(
    `${fact}, but has the server's checksum: the server has exactly these bytes, and the manifest is wrong`,
    { problem: "manifest" },
  );
}

/** The weakest way of being verified that is enough. `true` is `length`. */
export type RequiredVerification = boolean | "checksum" | "manifest" | "length";

/**
 * Checks `requireVerified`.
 *
 * @throws TypeError: the level is unknown.
 *
 * @private Does not follow semantic versioning.
 */
export function checkRequired(required: RequiredVerification | undefined): void {
  if (required === undefined || typeof required === "boolean") return;
  checkOneOf("requireVerified", required, ["checksum", "manifest", "length"]);
}

/** What a level of `requireVerified` accepts. */
const accepted: Readonly<Record<"checksum" | "manifest" | "length", readonly VerifiedBy[]>> = {
  checksum: ["checksum"],
  manifest: ["checksum", "manifest"],
  length: ["checksum", "manifest", "length"],
};

function levelOf(required: RequiredVerification | undefined): keyof typeof accepted | undefined {
  if (typeof required === "string") return required;
  return required === true ? "length" : undefined;
}

/**
 * Returns whether a file is verified by as much as is required. What only its length verifies must not be in doubt.
 *
 * @private Does not follow semantic versioning.
 */
export function isEnough(
  required: RequiredVerification | undefined,
  verifiedBy: VerifiedBy,
  doubts: readonly PackageNote[] = [],
): boolean {
  const level = levelOf(required);
  if (level === undefined) return true;
  return accepted[level].includes(verifiedBy) && (verifiedBy !== "length" || doubts.length === 0);
}

/**
 * Applies `requireVerified` to a file.
 *
 * @param doubts - Why manifests that should verify the file do not.
 * @throws {@link IntegrityError} `INTEGRITY`, `unverifiable`: it is verified by less than what is required.
 *
 * @private Does not follow semantic versioning.
 */
export function requireVerified(
  name: string,
  required: RequiredVerification | undefined,
  verifiedBy: VerifiedBy,
  doubts: readonly PackageNote[] = [],
): void {
  const level = levelOf(required);
  if (level === undefined || isEnough(required, verifiedBy, doubts)) return;
  const [doubt] = doubts;
  const reason = shortcomingOf(level, doubt);
  throw new IntegrityError(`Cannot verify ${quote(name)}${howWords[level]}: ${reason}`, { problem: "unverifiable" });
}

const howWords = { checksum: " by checksum", manifest: " by checksum or manifest", length: "" } as const;

function shortcomingOf(level: keyof typeof accepted, doubt: PackageNote | undefined): string {
  if (level === "checksum") return "the server states no checksum";
  if (doubt !== undefined) return `the server states no checksum, and ${noteText(doubt)}`;
  if (level === "manifest") return "the server states no checksum, and no manifest names it";
  return "the server states neither its checksum nor its length, and no manifest names it";
}
