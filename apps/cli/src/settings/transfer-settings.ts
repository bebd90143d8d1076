import { defined } from "@carrel/core/kit";
import { ConcurrencyLimit, RateLimit } from "@carrel/node-stream";
import type { DownloadItemOptions } from "@carrel/node-stream";
import { parseBytes, parseCount, parseSeconds } from "./parse-values.ts";
import type { TransferFlags } from "./transfer-options.ts";

/** How files are transferred. */
export type DownloadSettings = Pick<
  DownloadItemOptions,
  | "existing"
  | "connectionsPerFile"
  | "maxBytesPerSecond"
  | "requireVerified"
  | "manifest"
  | "sync"
  | "syncTimeoutMs"
  | "prepareTimeoutMs"
  | "stallTimeoutMs"
  | "checkSpace"
  | "retryForMs"
  | "clock"
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
export function readDownloadSettings(
  flags: TransferFlags,
  existing: DownloadSettings["existing"] = "resume",
): DownloadSettings {
  const { concurrency = defaultConcurrency, connections, limitRate, prepareTimeout, stallTimeout } = flags;
  return {
    existing,
    checkSpace: flags.spaceCheck ?? true,
    requireVerified: flags.requireVerified ?? false,
    manifest: flags.manifest ?? "check",
    sync: flags.sync ?? flags.syncTimeout !== undefined,
    ...(flags.syncTimeout !== undefined && { syncTimeoutMs: parseSeconds(flags.syncTimeout, "--sync-timeout") }),
    concurrency: new ConcurrencyLimit(parseCount(concurrency, "--concurrency")),
    ...defined({
      connectionsPerFile: given(connections, (text) => parseCount(text, "--connections")),
      maxBytesPerSecond: given(limitRate, (text) => new RateLimit(parseBytes(text, "--limit-rate"))),
      prepareTimeoutMs: given(prepareTimeout, (text) => parseSeconds(text, "--prepare-timeout")),
      stallTimeoutMs: given(stallTimeout, (text) => parseSeconds(text, "--stall-timeout")),
    }),
  };
}

function given<T>(text: string | undefined, parse: (text: string) => T): T | undefined {
  return text === undefined ? undefined : parse(text);
}
