import { IntegrityError } from "@carrel/core";
import type { ChecksumAlgorithm, ChecksumInfo, PackageNote, VerifiedBy } from "@carrel/core";
import type { ItemSource, SourceFile } from "../download/item-source.ts";
import type { ManifestCheck } from "../download/manifest-check.ts";
import { checksumDigest, verifyFile } from "../download/verify-file.ts";
import { quote } from "../files/names.ts";
import { noteText } from "../ovf/note-text.ts";
import type { Claim } from "../ovf/package-check.ts";
import { algorithmName, allAlgorithms } from "../transfer/proof.ts";
import type { Proof, Proven, Short, WholeFile } from "../transfer/proof.ts";
import type { FileStreamOptions } from "./file-stream-options.ts";

interface FileProofParts {
  readonly source: ItemSource;
  /** The file, as the server describes it before it is read. */
  readonly file: SourceFile;
  readonly manifest: ManifestCheck;
  /** What the manifests state of the file. */
  readonly claims: readonly Claim[];
  readonly options: FileStreamOptions;
}

/**
 * Everything that a file of an item can be compared with: the caller's checksum, the one of the session or the library, the
 * lines of OVF manifests, the length. What is known before the bytes decides which digests are computed; all four are only
 * where nothing is.
 */
export class FileProof implements Proof {
  readonly algorithms: readonly ChecksumAlgorithm[];
  readonly isSure: boolean;
  readonly likelyBytes: number | undefined;
  readonly #parts: FileProofParts;

  constructor(parts: FileProofParts) {
    const { file, claims, options } = parts;
    const expected = options.expect?.checksum;
    const known = checksumDigest(typeof expected === "function" ? undefined : (expected ?? file.checksum));
    const needed = [...(known === undefined ? [] : [known]), ...claims.map(({ digest }) => digest)];
    const isLate = typeof expected === "function" || needed.length === 0;
    this.algorithms = isLate ? allAlgorithms : [...new Set(needed.map(algorithmName))];
    this.isSure = known !== undefined || (claims.length > 0 && options.manifest !== "report");
    this.likelyBytes = file.sizeBytes;
    this.#parts = parts;
  }

  async verify({ sizeBytes: bytes, lengthStated, digest }: WholeFile, signal: AbortSignal): Promise<Proven | Short> {
    const { source, file, manifest, claims, options } = this.#parts;
    const facts = await source.facts(file, signal);
    if (facts.sizeBytes !== undefined && facts.sizeBytes > bytes && !lengthStated) {
      return { expectedBytes: facts.sizeBytes };
    }
    const digests = digest.digests();
    const isComputed = (checksum: ChecksumInfo | undefined): boolean => {
      const found = checksumDigest(checksum);
      return found !== undefined && digests[algorithmName(found)] !== undefined;
    };
    const expected = options.expect?.checksum;
    const own = typeof expected === "function" ? await expected() : expected;
    // A checksum of another kind than the one that was computed along the way comes after one of the same kind.
    const checksum = [own, facts.checksum, file.checksum].find(isComputed);
    const isReport = options.manifest === "report";
    const verifiedBy = await verifyFile({
      name: file.name,
      bytes,
      sizeBytes: facts.sizeBytes,
      checksum,
      claims,
      onContradiction: isReport ? (claim: Claim) => manifest.contradicted(claim) : undefined,
      lengthStated,
      digestOf: async (algorithm) => digests[algorithmName({ algorithm })] ?? "",
    });
    const open = await manifest.doubtsOf(file.name);
    // What the checksum proves is not in doubt, but a manifest that contradicts it is to be known.
    const doubts = verifiedBy === "checksum" ? open.filter(({ reason }) => reason === "contradicted") : open;
    this.#requireVerified(verifiedBy, doubts);
    const matched = verifiedBy === "manifest" ? manifestChecksum(claims) : checksum;
    return { verifiedBy, checksum: matched, ...(doubts.length > 0 && { doubts }) };
  }

  #requireVerified(verifiedBy: VerifiedBy, [doubt]: readonly PackageNote[]): void {
    const { file, options } = this.#parts;
    if (options.requireVerified !== true || (verifiedBy !== "nothing" && doubt === undefined)) return;
    const why =
      doubt === undefined
        ? "the server states neither its checksum nor its length, and no manifest names it"
        : `the server states no checksum, and ${noteText(doubt)}`;
    throw new IntegrityError(`Cannot verify ${quote(file.name)}: ${why}`, { problem: "unverifiable" });
  }
}

function manifestChecksum([claim]: readonly Claim[]): ChecksumInfo | undefined {
  return claim && { algorithm: algorithmName(claim.digest), checksum: claim.digest.hex };
}
