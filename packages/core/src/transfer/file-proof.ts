import { systemClock } from "../kit/time.ts";
import type { PackageNote } from "../download/package-report.ts";
import type { VerifiedBy } from "../download/download-event.ts";
import type { ChecksumAlgorithm, ChecksumInfo } from "../gen/models.gen.ts";
import { oneOfEach, readChecksum } from "./checksum.ts";
import type { Digest } from "./checksum.ts";
import type { ItemSource, SourceFile } from "./item-source.ts";
import { defaultFactsTimeoutMs, ServerHabits, settledFacts } from "./late-facts.ts";
import type { ManifestCheck } from "./manifest-check.ts";
import type { Claim } from "./package-check.ts";
import { algorithmName } from "./proof.ts";
import type { Proof, ProofResult, Shortfall, WholeFile } from "./proof.ts";
import type { TransferExpectation } from "./transfer-facts.ts";
import { requireVerified, verifyFile } from "./verify-file.ts";
import type { RequiredVerification } from "./verify-file.ts";

/**
 * What judges an archive by its own content, where nothing else verifies it.
 *
 * @private Does not follow semantic versioning.
 */
export interface ArchiveJudge {
  /** Takes the next bytes of the archive. */
  update(bytes: Uint8Array): void;
  /** Judges it after its last byte. */
  judge(
    archive: { readonly name: string; readonly sizeBytes: number; readonly signal: AbortSignal },
    trust: { readonly verifiedBy: VerifiedBy; readonly onContradiction: "error" | "report" },
  ): Promise<{ readonly isVerified: boolean; readonly doubts: readonly PackageNote[] }>;
}

/**
 * What a caller requires of the comparison.
 *
 * @private Does not follow semantic versioning.
 */
export interface ProofOptions {
  readonly expect?: TransferExpectation;
  readonly requireVerified?: RequiredVerification;
  readonly manifest?: "check" | "report";
  readonly factsTimeoutMs?: number;
}

/** What a file is compared with.
 *
 * @private Does not follow semantic versioning.
 */
export interface FileProofParts {
  readonly source: ItemSource;
  /** The file, as the server describes it before it is read. */
  readonly file: SourceFile;
  readonly manifest: ManifestCheck;
  /** What the manifests state about the file. */
  readonly claims: readonly Claim[];
  readonly options: ProofOptions;
  /** The digests to compute where the server states its checksum only in the end, if at all. */
  readonly late: readonly ChecksumAlgorithm[];
  /** Begins to judge an archive by its own content. */
  readonly createArchive: (() => ArchiveJudge) | undefined;
}

/**
 * Everything that a file of an item can be compared with: the caller's checksum, the one of the session or the library, the
 * lines of OVF manifests, the length. What is known before the bytes decides which digests are computed; all four only where
 * nothing is known.
 *
 * @private Does not follow semantic versioning.
 */
export class FileProof implements Proof {
  readonly algorithms: readonly ChecksumAlgorithm[];
  readonly isSure: boolean;
  readonly likelyBytes: number | undefined;
  readonly watch?: (bytes: Uint8Array) => void;
  readonly #parts: FileProofParts;
  readonly #archive: ArchiveJudge | undefined;

  constructor(parts: FileProofParts) {
    const { file, claims, options, late } = parts;
    const expected = options.expect?.checksum;
    const known = typeof expected === "function" ? undefined : (readChecksum(expected) ?? file.checksum);
    const needed = [...(known === undefined ? [] : [known]), ...claims.map(({ digest }) => digest)];
    const isLate = typeof expected === "function" || needed.length === 0;
    this.algorithms = isLate ? late : [...new Set(needed.map(algorithmName))];
    this.isSure = known !== undefined || (claims.length > 0 && options.manifest !== "report");
    this.likelyBytes = file.sizeBytes;
    this.#parts = parts;
    // Its members would be hashed as well, which is not worth it where a digest of the whole file is certain to be compared.
    if (needed.length > 0 || !/\.ova$/iu.test(file.name)) return;
    const archive = parts.createArchive?.();
    if (archive === undefined) return;
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
