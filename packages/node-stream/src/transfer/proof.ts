import { IntegrityError } from "@carrel/core";
import type { ChecksumAlgorithm, ChecksumInfo, PackageNote, VerifiedBy } from "@carrel/core";
import type { Digest } from "../files/checksum.ts";
import { readChecksum } from "../files/checksum.ts";
import type { Digests, RunningDigest } from "./digest.ts";
import type { TransferOptions } from "./transfer-options.ts";

/** All bytes of a file, from the first to the last, as they were delivered. */
export interface WholeFile {
  readonly sizeBytes: number;
  /** Whether an answer stated the length, so that it is more than the place where a body happened to end. */
  readonly lengthStated: boolean;
  readonly digest: RunningDigest;
}

/** What the bytes of a file were found to agree with. */
export interface Proven {
  readonly verifiedBy: VerifiedBy;
  /** The checksum that they match. */
  readonly checksum: ChecksumInfo | undefined;
  /** Why OVF manifests that should have proved them do not. */
  readonly doubts?: readonly PackageNote[];
}

/** There are more bytes than came: a body without a length ended early. */
export interface Short {
  readonly expectedBytes: number;
}

/** What the bytes of a transfer are compared with at their end. */
export interface Proof {
  /** The digests that are needed for it. */
  readonly algorithms: readonly ChecksumAlgorithm[];
  /** Whether a digest is sure to be compared. Only then may parts be joined that nothing else vouches for. */
  readonly isSure: boolean;
  /** Whether the bytes are compared elsewhere, after their stream has ended. */
  readonly isLater?: boolean;
  /** The length that is known from elsewhere than the transfer, though not for sure. */
  readonly likelyBytes?: number | undefined;
  /** Takes the bytes of the file, from the first one on, as they are delivered. */
  watch?(bytes: Uint8Array): void;
  /** Compares. Throws an {@link IntegrityError} where something differs. */
  verify(file: WholeFile, signal: AbortSignal): Promise<Proven | Short>;
}

/** For whoever compares the bytes after they have come. */
export const laterProof: Proof = {
  algorithms: [],
  isSure: false,
  isLater: true,
  verify: async ({ lengthStated }) => ({ verifiedBy: lengthStated ? "length" : "nothing", checksum: undefined }),
};

/** Every algorithm that a server may use. */
export const allAlgorithms: readonly ChecksumAlgorithm[] = ["SHA1", "SHA256", "SHA512", "MD5"];

/** The proof by the checksum among the options of a transfer. */
export function expectedProof({ digests = [], expect }: TransferOptions, label: string): Proof {
  const expected = expect?.checksum;
  const known = typeof expected === "function" ? undefined : readChecksum(expected);
  return {
    algorithms:
      known === undefined
        ? typeof expected === "function" && digests.length === 0
          ? allAlgorithms
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
function compareDigest(digests: Digests, expected: Digest, label: string, whose = "the server's checksum"): void {
  const algorithm = algorithmName(expected);
  const actual = digests[algorithm];
  if (actual === undefined) {
    throw new IntegrityError(`Cannot verify ${label}: ${whose} is a ${algorithm}, which was not computed`, {
      problem: "unverifiable",
    });
  }
  if (actual === expected.hex) return;
  throw new IntegrityError(
    `${label} does not match ${whose}: its ${algorithm} is ${actual}, expected ${expected.hex}`,
    {
      problem: "digest",
    },
  );
}

/** The vendor's name of a digest's algorithm. */
export function algorithmName({ algorithm }: Pick<Digest, "algorithm">): ChecksumAlgorithm {
  return algorithm.toUpperCase() as ChecksumAlgorithm;
}
