import { systemClock } from "@carrel/core";
import type { ChecksumAlgorithm, ChecksumInfo, PackageNote } from "@carrel/core";
import type {
  Claim,
  Digest,
  ItemSource,
  ManifestCheck,
  Proof,
  ProofResult,
  Shortfall,
  SourceFile,
  WholeFile,
} from "@carrel/core/transfer";
import {
  algorithmName,
  allAlgorithms,
  defaultFactsTimeoutMs,
  oneOfEach,
  readChecksum,
  requireVerified,
  ServerHabits,
  settledFacts,
  verifyFile,
} from "@carrel/core/transfer";
import { ArchiveRecorder, NotRecorded } from "../ovf/archive-recorder.ts";
import { checkOva } from "../ovf/check-ova.ts";
import type { OvaTrust } from "../ovf/check-ova.ts";
import type { FileStreamOptions } from "./file-stream-options.ts";

interface FileProofParts {
  readonly source: ItemSource;
  /** The file, as the server describes it before it is read. */
  readonly file: SourceFile;
  readonly manifest: ManifestCheck;
  /** What the manifests state about the file. */
  readonly claims: readonly Claim[];
  readonly options: FileStreamOptions;
}

/**
 * Everything that a file of an item can be compared with: the caller's checksum, the one of the session or the library, the
 * lines of OVF manifests, the length. What is known before the bytes decides which digests are computed; all four only where
 * nothing is known.
 */
export class FileProof implements Proof {
  readonly algorithms: readonly ChecksumAlgorithm[];
  readonly isSure: boolean;
  readonly likelyBytes: number | undefined;
  readonly watch?: (bytes: Uint8Array) => void;
  readonly #parts: FileProofParts;
  readonly #archive: ArchiveProof | undefined;

  constructor(parts: FileProofParts) {
    const { file, claims, options } = parts;
    const expected = options.expect?.checksum;
    const known = typeof expected === "function" ? undefined : (readChecksum(expected) ?? file.checksum);
    const needed = [...(known === undefined ? [] : [known]), ...claims.map(({ digest }) => digest)];
    const isLate = typeof expected === "function" || needed.length === 0;
    this.algorithms = isLate ? allAlgorithms : [...new Set(needed.map(algorithmName))];
    this.isSure = known !== undefined || (claims.length > 0 && options.manifest !== "report");
    this.likelyBytes = file.sizeBytes;
    this.#parts = parts;
    // Its members would be hashed as well, which is not worth it where a digest of the whole file is certain to be compared.
    if (needed.length > 0 || !/\.ova$/iu.test(file.name)) return;
    const archive = new ArchiveProof();
    this.#archive = archive;
    this.watch = (bytes) => archive.update(bytes);
  }

  async verify(
    { sizeBytes: bytes, lengthStated, digest }: WholeFile,
    signal: AbortSignal,
  ): Promise<ProofResult | Shortfall> {
    const { source, file, manifest, claims, options } = this.#parts;
    const facts = await settledFacts(() => source.facts(file, signal), {
      bytes,
      lengthStated,
      habits: ServerHabits.of(source.server),
      timeoutMs: options.factsTimeoutMs ?? defaultFactsTimeoutMs,
      signal,
      clock: systemClock,
    });
    if (facts.sizeBytes !== undefined && facts.sizeBytes > bytes && !lengthStated) {
      return { expectedBytes: facts.sizeBytes };
    }
    const digests = digest.digests();
    const isComputed = (checksum: Digest): boolean => digests[algorithmName(checksum)] !== undefined;
    const expected = options.expect?.checksum;
    const own = typeof expected === "function" ? await expected() : expected;
    // Digests of other algorithms than those that were computed along the way can no longer be compared.
    const checksums = oneOfEach([readChecksum(own), facts.checksum, file.checksum]).filter(isComputed);
    const isReport = options.manifest === "report";
    const byItself = await verifyFile({
      name: file.name,
      bytes,
      sizeBytes: facts.sizeBytes,
      checksums,
      claims,
      onContradiction: isReport ? (claim: Claim) => manifest.contradicted(claim) : undefined,
      lengthStated,
      digestOf: async (algorithm) => digests[algorithmName({ algorithm })] ?? "",
    });
    const archive = { name: file.name, sizeBytes: bytes, signal };
    const inner = await this.#archive?.judge(archive, {
      verifiedBy: byItself,
      onContradiction: isReport ? "report" : "error",
    });
    const verifiedBy = byItself !== "checksum" && inner?.isVerified === true ? "manifest" : byItself;
    const remaining = [...(inner?.doubts ?? []), ...(await manifest.doubtsOf(file.name))];
    // What the checksum verifies is not in doubt, but a manifest that contradicts it must be reported.
    const doubts = verifiedBy === "checksum" ? remaining.filter(({ reason }) => reason === "contradicted") : remaining;
    requireVerified(file.name, options.requireVerified, verifiedBy, doubts);
    const matched = verifiedBy === "manifest" ? claims[0]?.digest : checksums[0];
    return { verifiedBy, checksum: matched && checksumInfo(matched), ...(doubts.length > 0 && { doubts }) };
  }
}

function checksumInfo(digest: Digest): ChecksumInfo {
  return { algorithm: algorithmName(digest), checksum: digest.hex };
}

/** Compares an OVA archive with the manifests inside it, by what was kept of it as it was read. */
class ArchiveProof {
  readonly #recorder = new ArchiveRecorder();

  /** Takes the next bytes of the archive. */
  update(bytes: Uint8Array): void {
    this.#recorder.update(bytes);
  }

  /**
   * Judges the archive after its last byte. One that cannot be judged from a stream (sparse members, a manifest at the end with
   * unusual digests) is not verified, and that is noted.
   *
   * @throws `IntegrityError` `INTEGRITY`: a member does not match its manifest, or the archive is not whole.
   */
  async judge(
    archive: { readonly name: string; readonly sizeBytes: number; readonly signal: AbortSignal },
    trust: OvaTrust,
  ): Promise<{ readonly isVerified: boolean; readonly doubts: readonly PackageNote[] }> {
    const unjudged = { isVerified: false, doubts: [{ reason: "not-compared", file: archive.name }] } as const;
    if (this.#recorder.isGivenUp) return unjudged;
    try {
      return await checkOva({ ...archive, ...this.#recorder.archive(archive.sizeBytes) }, trust);
    } catch (error) {
      if (error instanceof NotRecorded) return unjudged;
      throw error;
    }
  }
}
