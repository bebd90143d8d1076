import { exitCodes } from "./exit-code.ts";
import type { ExitCode } from "./exit-code.ts";

/** Options of {@link CliError}. */
export interface CliErrorOptions {
  readonly exitCode: ExitCode;
  /** What to do about it: further lines below the message. */
  readonly hints?: readonly string[];
  readonly cause?: unknown;
}

/** Something that this program itself found wrong, to be shown as it is. */
export class CliError extends Error {
  override readonly name: string = "CliError";
  readonly exitCode: ExitCode;
  readonly hints: readonly string[];

  constructor(message: string, options: CliErrorOptions) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.exitCode = options.exitCode;
    this.hints = options.hints ?? [];
  }
}

/** The command line or the settings are wrong. */
export function usageError(message: string, ...hints: readonly string[]): CliError {
  return new CliError(message, { exitCode: exitCodes.usage, hints });
}

/** What was named does not exist. */
export function notFoundError(message: string, ...hints: readonly string[]): CliError {
  return new CliError(message, { exitCode: exitCodes.notFound, hints });
}
