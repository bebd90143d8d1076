import type { ChecksumAlgorithm, ChecksumInfo, PackageNote, VerifiedBy } from "@carrel/core";
import type { ItemSource, SourceFile } from "../download/item-source.ts";
import { defaultFactsTimeoutMs, realClock, ServerHabits, settledFacts } from "../download/late-facts.ts";
import type { ManifestCheck } from "../download/manifest-check.ts";
import { unverifiable, verifyFile } from "../download/verification.ts";
import { oneOfEach, readChecksum } from "../files/checksum.ts";
import type { Digest } from "../files/checksum.ts";
import { ArchiveRecorder, NotRecorded } from "../ovf/archive-recorder.ts";
import { checkOva } from "../ovf/check-ova.ts";
import type { OvaTrust } from "../ovf/check-ova.ts";
import type { Claim } from "../ovf/package-check.ts";
import { algorithmName, allAlgorithms } from "../transfer/proof.ts";
import type { Proof, Verification, Shortfall, WholeFile } from "../transfer/proof.ts";
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
    // Its members are hashed besides: not worth it where a digest of the whole is sure to be compared.
    if (needed.length > 0 || !/\.ova$/i.test(file.name)) return;
    const archive = new ArchiveProof();
    this.#archive = archive;
    this.watch = (bytes) => archive.update(bytes);
  }

  async verify(
    { sizeBytes: bytes, lengthStated, digest }: WholeFile,
    signal: AbortSignal,
  ): Promise<Verification | Shortfall> {
    const { source, file, manifest, claims, options } = this.#parts;
    const facts = await settledFacts(() => source.facts(file, signal), {
      bytes,
      habits: ServerHabits.of(source.server),
      timeoutMs: options.factsTimeoutMs ?? defaultFactsTimeoutMs,
      signal,
      clock: realClock,
    });
    if (facts.sizeBytes !== undefined && facts.sizeBytes > bytes && !lengthStated) {
      return { expectedBytes: facts.sizeBytes };
    }
    const digests = digest.digests();
    const isComputed = (checksum: Digest): boolean => digests[algorithmName(checksum)] !== undefined;
    const expected = options.expect?.checksum;
    const own = typeof expected === "function" ? await expected() : expected;
    // One of another kind than those that were computed along the way cannot be compared any more.
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
    const verifiedBy = byItself !== "checksum" && inner?.isProved === true ? "manifest" : byItself;
    const open = [...(inner?.doubts ?? []), ...(await manifest.doubtsOf(file.name))];
    // What the checksum proves is not in doubt, but a manifest that contradicts it is to be known.
    const doubts = verifiedBy === "checksum" ? open.filter(({ reason }) => reason === "contradicted") : open;
    this.#requireVerified(verifiedBy, doubts);
    const matched = verifiedBy === "manifest" ? claims[0]?.digest : checksums[0];
    return { verifiedBy, checksum: matched && checksumInfo(matched), ...(doubts.length > 0 && { doubts }) };
  }

  #requireVerified(verifiedBy: VerifiedBy, [doubt]: readonly PackageNote[]): void {
    const { file, options } = this.#parts;
    if (options.requireVerified !== true || verifiedBy === "checksum" || verifiedBy === "manifest") return;
    if (verifiedBy === "length" && doubt === undefined) return;
    throw unverifiable(file.name, doubt);
  }
}

function checksumInfo(digest: Digest): ChecksumInfo {
  return { algorithm: algorithmName(digest), checksum: digest.hex };
}

/** Compares an OVA archive with the manifests inside it, by what was kept of it as it passed by. */
export class ArchiveProof {
  readonly #recorder = new ArchiveRecorder();

  /** Takes the next bytes of the archive. */
  update(bytes: Uint8Array): void {
    this.#recorder.update(bytes);
  }

  /**
   * Judges the archive after its last byte. One that cannot be judged in passing (sparse members, a manifest at the end with
   * unusual digests) is not proved, and that is noted.
   *
   * @throws `IntegrityError` `INTEGRITY`: a member has another digest than its manifest states, or the archive is not whole.
   */
  async judge(
    archive: { readonly name: string; readonly sizeBytes: number; readonly signal: AbortSignal },
    trust: OvaTrust,
  ): Promise<{ readonly isProved: boolean; readonly doubts: readonly PackageNote[] }> {
    const recorder = this.#recorder;
    const { sizeBytes } = archive;
    const unjudged = { isProved: false, doubts: [{ reason: "not-compared", file: archive.name }] } as const;
    if (recorder.isGivenUp) return unjudged;
    const read = (start: number, length: number): Promise<Uint8Array> => recorder.read(start, length, sizeBytes);
    const digestOf: Parameters<typeof checkOva>[0]["digestOf"] = (algorithm, start, length) =>
      recorder.digestOf(algorithm, start, length, sizeBytes);
    try {
      return await checkOva({ ...archive, read, digestOf }, trust);
    } catch (error) {
      if (error instanceof NotRecorded) return unjudged;
      throw error;
    }
  }
}
