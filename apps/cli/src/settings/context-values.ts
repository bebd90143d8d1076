import { defined } from "@carrel/core/kit";
import { usageError } from "../process/cli-error.ts";
import type { Environment } from "../process/program-io.ts";
import type { ConnectionFlags } from "./connection-settings.ts";
import { parseBytes, parseDuration } from "./parse-values.ts";
import { contextOfServer } from "./read-settings.ts";
import { verifiedLevels } from "./transfer-options.ts";
import type { TransferFlags } from "./transfer-options.ts";

/** What a context says that no flag of transfers does. */
export interface ContextValues {
  /** Where a directory is made for each item. */
  readonly directory?: string;
}

/**
 * Fills in what the flags leave out and the context says, where the run connects to the server of the context.
 * @throws {@link CliError} exit code 2: a value of the context is malformed.
 */
export async function withContextValues<Flags extends ConnectionFlags & TransferFlags>(
  flags: Flags,
  env: Environment,
): Promise<Flags & ContextValues> {
  const found = await contextOfServer(flags, env);
  if (found === undefined) return flags;
  const { directory, limitRate, requireVerified: wanted, retryFor } = found.context;
  const origin = (key: string): string => `"${key}" of context "${found.name}"`;
  const requireVerified = verifiedLevels.find((level) => level === wanted);
  if (limitRate !== undefined) parseBytes(limitRate, origin("limitRate"));
  if (retryFor !== undefined) parseDuration(retryFor, origin("retryFor"));
  if (wanted !== undefined && requireVerified === undefined) {
    throw usageError(`${origin("requireVerified")}: invalid value "${wanted}"`, `Use ${verifiedLevels.join(", ")}.`);
  }
  return { ...defined({ directory, limitRate, requireVerified, retryFor }), ...flags };
}
