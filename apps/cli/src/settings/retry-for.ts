import { parseDuration } from "./parse-values.ts";
import type { TransferFlags } from "./transfer-options.ts";
import type { ProgramIo } from "../process/program-io.ts";

/** A person at a terminal learns soon that a server is gone, and can run the command again. */
const attendedMs = 30_000;
/** A vCenter whose services restart is back within this time. */
const unattendedMs = 600_000;

/**
 * Returns how long outages are overcome: as the flag says, or else long where nobody watches; `undefined` where they are not,
 * because the flag says `0`.
 * @throws {@link CliError} exit code 2: the flag is malformed.
 */
export function readRetryFor(
  { retryFor }: Pick<TransferFlags, "retryFor">,
  { stderr }: Pick<ProgramIo, "stderr">,
  { isUnattended = !stderr.isTTY }: { readonly isUnattended?: boolean } = {},
): number | undefined {
  if (retryFor === undefined) return isUnattended ? unattendedMs : attendedMs;
  return parseDuration(retryFor, "--retry-for") || undefined;
}
