import { IntegrityError } from "@carrel/core";
import type { ArchiveReport, PackageNote, VerifiedBy } from "@carrel/core";
import type { Digest, DigestAlgorithm } from "../files/checksum.ts";
import { quote } from "../files/names.ts";
import { checkOva } from "../ovf/check-ova.ts";
import type { OvaArchive, OvaTrust } from "../ovf/check-ova.ts";
import type { Claim } from "../ovf/package-check.ts";

/** What is known of a file that was downloaded. */
export interface Evidence {
  readonly name: string;
  /** Bytes in the file. */
  readonly bytes: number;
  /** Length that the server told after the download. */
  readonly sizeBytes: number | undefined;
  /** The server's checksums: it may state another algorithm after the download than before. */
  readonly checksums: readonly Digest[];
  /** What the lines of OVF manifests state of it. */
  readonly claims: readonly Claim[];
  /** Called with what is contradicted, which otherwise is an error. */
  readonly onContradiction?: ((claim: Claim) => Promise<void>) | undefined;
  /** Whether the transfer itself was of a stated length. */
  readonly lengthStated: boolean;
  /** The digest of what is in the file. */
  readonly digestOf: (algorithm: DigestAlgorithm) => Promise<string>;
}

/** How a file is known to be whole. */
export interface Verdict {
  readonly verifiedBy: VerifiedBy;
  readonly archive?: ArchiveReport;
  /** Why the archive's own manifests do not prove it. */
  readonly doubts?: readonly PackageNote[];
  /** Where its bytes came from in this run. */
  readonly origin?: string;
}

/**
 * Checks a file against everything that is known of it, and says what the strongest of it was. Whatever can be compared
 * is compared: a file with the right checksum and the wrong length is wrong.
 */
export async function verifyFile(evidence: Evidence): Promise<VerifiedBy> {
  const { name, bytes, sizeBytes, checksums } = evidence;
  if (sizeBytes !== undefined && sizeBytes !== bytes) {
    const how = bytes < sizeBytes ? "short" : "long";
    throw new IntegrityError(`${quote(name)} is too ${how}: received ${bytes} bytes, expected ${sizeBytes}`, {
      problem: "length",
    });
  }
  for (const checksum of checksums) await compare(evidence, checksum, "the server's checksum");
  const byChecksum = checksums.length > 0;
  const byManifest = await checkClaims(evidence, byChecksum);
  if (byChecksum) return "checksum";
  if (byManifest) return "manifest";
  return sizeBytes !== undefined || evidence.lengthStated ? "length" : "nothing";
}

/**
 * Adds to what is known of a file what is found in it, where it is an OVA archive.
 *
 * @throws {@link IntegrityError} `INTEGRITY`: a manifest inside contradicts it, or it is not whole.
 */
export async function lookInside(archive: OvaArchive, trust: OvaTrust): Promise<Verdict> {
  const { verifiedBy } = trust;
  if (!/\.ova$/i.test(archive.name)) return { verifiedBy };
  const { report, isProved, doubts } = await checkOva(archive, trust);
  return { verifiedBy: isProved && verifiedBy !== "checksum" ? "manifest" : verifiedBy, archive: report, doubts };
}

/** Every line is compared, also where the one before agreed. */
async function checkClaims(evidence: Evidence, byChecksum: boolean): Promise<boolean> {
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

/** Creates the error for a file that a manifest contradicts. */
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

async function compare({ name, digestOf }: Evidence, expected: Digest, what: string): Promise<void> {
  const actual = await digestOf(expected.algorithm);
  if (actual === expected.hex) return;
  throw new IntegrityError(
    `${quote(name)} does not match ${what}: its ${expected.algorithm} is ${actual}, expected ${expected.hex}`,
    { problem: "digest" },
  );
}
