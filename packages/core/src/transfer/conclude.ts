import { abortable } from "../kit/signals.ts";
import { explainedByEncoding, unprovenEncoding } from "./content-encoding.ts";
import type { Progress, ProgressSettings } from "./progress.ts";
import type { ProofResult, Shortfall } from "./proof.ts";
import type { TransferFacts } from "./transfer-facts.ts";

/**
 * Compares the bytes of a transfer, all of which have arrived, with what is known of the file. A part of a file cannot be
 * verified.
 *
 * @private Does not follow semantic versioning.
 */
export async function compareDelivered(
  progress: Progress,
  { proof, label }: Pick<ProgressSettings, "proof" | "label">,
  signal: AbortSignal,
): Promise<ProofResult | Shortfall> {
  if (!progress.isWhole) return { verifiedBy: "nothing", checksum: undefined };
  const { position: sizeBytes, digest, encoding } = progress;
  // The stated length of encoded bytes says nothing about the file's.
  const lengthStated = progress.lengthIsKnown && encoding === undefined;
  const comparison = proof.verify({ sizeBytes, lengthStated, digest }, signal);
  const outcome = await abortable(comparison, signal).catch((error: unknown) => {
    throw explainedByEncoding(error, encoding);
  });
  if (encoding === undefined || proof.isDeferred === true || !("verifiedBy" in outcome)) return outcome;
  if (outcome.verifiedBy === "nothing") throw unprovenEncoding(label, { encoding, bytes: sizeBytes });
  return outcome;
}

/**
 * Returns what is known of a transfer that is complete.
 *
 * @private Does not follow semantic versioning.
 */
export function factsOf(
  progress: Progress,
  verification: ProofResult,
  { resumes, origin }: Pick<TransferFacts, "resumes" | "origin">,
): TransferFacts {
  return {
    ...verification,
    sizeBytes: progress.totalBytes ?? progress.position,
    digests: progress.isWhole ? progress.digest.digests() : {},
    fetchedBytes: progress.fetchedBytes,
    resumes,
    validator: progress.validator,
    contentEncoding: progress.encoding,
    origin,
  };
}
