import { CliError } from "../cli-error.ts";
import { exitCodes } from "../exit-code.ts";
import type { Run } from "../run-command.ts";
import type { ConnectionFlags } from "../settings/connection-settings.ts";

/** Flags of `carrel mirror`. */
export interface MirrorFlags extends ConnectionFlags {
  readonly delete?: boolean;
  readonly dryRun?: boolean;
  readonly quiet?: boolean;
  readonly json?: boolean;
  readonly debug?: boolean;
}

/** `carrel mirror`. */
export async function runMirror(library: string, folder: string, _flags: MirrorFlags, run: Run): Promise<void> {
  run.signal.throwIfAborted();
  throw new CliError(`"${library}" cannot be mirrored into ${folder} yet.`, { exitCode: exitCodes.failed });
}
