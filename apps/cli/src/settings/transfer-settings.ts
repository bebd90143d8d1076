import { ConcurrencyLimit, RateLimit } from "@carrel/node-stream";
import type { DownloadItemOptions } from "@carrel/node-stream";
import { parseBytes, parseCount, parseSeconds } from "./parse-values.ts";
import type { TransferFlags } from "./transfer-options.ts";

/** How files are transferred. */
export type TransferSettings = Pick<
  DownloadItemOptions,
  | "existing"
  | "connectionsPerFile"
  | "maxBytesPerSecond"
  | "requireVerified"
  | "manifest"
  | "prepareTimeoutMs"
  | "stallTimeoutMs"
> & {
  /** Limits the files of all items together. */
  readonly concurrency: ConcurrencyLimit;
};

const defaultConcurrency = "4";

/**
 * Reads the flags, and fills in the defaults.
 * @param existing - What becomes of files that exist.
 * @throws {@link CliError} exit code 2: a flag is malformed.
 */
export function readTransferSettings(
  flags: TransferFlags,
  existing: TransferSettings["existing"] = "resume",
): TransferSettings {
  const { concurrency = defaultConcurrency, connections, limitRate, prepareTimeout, stallTimeout } = flags;
  return {
    existing,
    requireVerified: flags.requireVerified ?? false,
    manifest: flags.manifest ?? "check",
    concurrency: new ConcurrencyLimit(parseCount(concurrency, "--concurrency")),
    ...(connections !== undefined && { connectionsPerFile: parseCount(connections, "--connections") }),
    ...(limitRate !== undefined && { maxBytesPerSecond: new RateLimit(parseBytes(limitRate, "--limit-rate")) }),
    ...(prepareTimeout !== undefined && { prepareTimeoutMs: parseSeconds(prepareTimeout, "--prepare-timeout") }),
    ...(stallTimeout !== undefined && { stallTimeoutMs: parseSeconds(stallTimeout, "--stall-timeout") }),
  };
}
