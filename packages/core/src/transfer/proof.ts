import { IntegrityError } from "../errors/transfer-errors.ts";
import type { ChecksumAlgorithm, ChecksumInfo } from "../gen/models.gen.ts";
import type { PackageNote } from "../download/package-report.ts";
import type { VerifiedBy } from "../download/download-event.ts";
import { readChecksum } from "./checksum.ts";
import type { Digest } from "./checksum.ts";
import type { Digests, RunningDigest } from "./running-digest.ts";
import type { TransferExpectation } from "./transfer-facts.ts";

/**
 * All bytes of a file, from the first to the last, as they were delivered.
 *
 * @private Does not follow semantic versioning.
 */
export interface WholeFile {
  readonly sizeBytes: number;
  /** Whether a response stated the length, so that it is more than the offset at which a body happened to end. */
  readonly lengthStated: boolean;
  readonly digest: RunningDigest;
}

/**
 * What the bytes of a file were found to match.
 *
 * @private Does not follow semantic versioning.
 */
export interface ProofResult {
  readonly verifiedBy: VerifiedBy;
  /** The checksum that they match. */
  readonly checksum: ChecksumInfo | undefined;
  /** Why OVF manifests that should have verified them do not. */
  readonly doubts?: readonly PackageNote[];
}

/**
 * The file is longer than what arrived: a body without a length ended early.
 *
 * @private Does not follow semantic versioning.
 */
export interface Shortfall {
  readonly expectedBytes: number;
}

/**
 * What the bytes of a transfer are compared with at their end.
 *
 * @private Does not follow semantic versioning.
 */
export interface Proof {
  /** The digests that it needs. */
  readonly algorithms: readonly ChecksumAlgorithm[];
  /** Whether a digest is certain to be compared. Only then may parts be joined that nothing else vouches for. */
  readonly isSure: boolean;
  /** Whether the bytes are compared elsewhere, after their stream has ended. */
  readonly isDeferred?: boolean;
  /** The length that something other than the transfer states, and that may be wrong. */
  readonly likelyBytes?: number | undefined;
  /** Takes the bytes of the file, from the first one, as they are delivered. */
  watch?(bytes: Uint8Array): void;
  /** Compares. Throws an {@link IntegrityError} where something differs. */
  verify(file: WholeFile, signal: AbortSignal): Promise<ProofResult | Shortfall>;
}

/**
 * The proof for a caller who compares the bytes after they have arrived.
 *
 * @private Does not follow semantic versioning.
 */
export const deferredProof: Proof = {
  algorithms: [],
  isSure: false,
  isDeferred: true,
  verify: async ({ lengthStated }) => ({ verifiedBy: lengthStated ? "length" : "nothing", checksum: undefined }),
};

/**
 * Every algorithm that a server may use.
 *
 * @private Does not follow semantic versioning.
 */
export const allAlgorithms: readonly ChecksumAlgorithm[] = ["SHA1", "SHA256", "SHA512", "MD5"];

/**
 * What a caller expects of a file, and which digests are to be computed.
 *
 * @private Does not follow semantic versioning.
 */
export interface ExpectedBytes {
  readonly digests?: readonly ChecksumAlgorithm[];
  readonly expect?: TransferExpectation;
}

/**
 * The proof by `expect.checksum` among the options of a transfer. Where that is known only at the end, and no other digests are
 * to be computed, those of the `late` algorithms are computed.
 *
 * @private Does not follow semantic versioning.
 */
export function expectedProof(
  { digests = [], expect }: ExpectedBytes,
  label: string,
  late: readonly ChecksumAlgorithm[],
): Proof {
  const expected = expect?.checksum;
  const known = typeof expected === "function" ? undefined : readChecksum(expected);
  return {
    algorithms:
      known === undefined
        ? typeof expected === "function" && digests.length === 0
          ? late
          : []
        : [algorithmName(known)],
    isSure: known !== undefined,
    async verify(file) {
      const checksum = typeof expected === "function" ? await expected() : expected;
      const digest = readChecksum(checksum);
      if (digest === undefined) return { verifiedBy: file.lengthStated ? "length" : "nothing", checksum: undefined };
      compareDigest(file.digest.digests(), digest, label);
      return { verifiedBy: "checksum", checksum };
    },
  };
}

/** Compares one digest. Throws an {@link IntegrityError} where it differs, or was not computed. */
function compareDigest(digests: Digests, expected: Digest, label: string): void {
  const algorithm = algorithmName(expected);
  const actual = digests[algorithm];
  if (actual === undefined) {
    throw new IntegrityError(
      `Cannot verify ${label}: the server's checksum is a ${algorithm} digest, which was not computed`,
      { problem: "unverifiable" },
    );
  }
  if (actual === expected.hex) return;
  throw new IntegrityError(
    `${label} does not match the server's checksum: its ${algorithm} is ${actual}, expected ${expected.hex}`,
    { problem: "digest" },
  );
}

/**
 * The vendor's name of a digest's algorithm.
 *
 * @private Does not follow semantic versioning.
 */
export function algorithmName({ algorithm }: Pick<Digest, "algorithm">): ChecksumAlgorithm {
  return algorithm.toUpperCase() as ChecksumAlgorithm;
}
