import type { CarrelErrorCode } from "@carrel/core";
import { CarrelError } from "@carrel/core";
import { ProxySettingsError } from "@carrel/node-stream/tls";
import { CliError, exitCodes } from "../process/cli-error.ts";
import type { ExitCode } from "../process/cli-error.ts";
import { InterruptedError } from "../process/signals.ts";
import { isPartialDownload } from "./partial-failure.ts";

/**
 * What programs decide by: a code of the library, or one of this program.
 *
 * - `USAGE`: the command line or the settings are wrong.
 * - `INTERRUPTED`: a signal ended the run.
 * - `FAILED`: anything else; the message says what.
 */
export type ErrorCode = CarrelErrorCode | "USAGE" | "INTERRUPTED" | "FAILED";

/** What is known of an error besides its message. */
export interface ErrorFacts {
  readonly code: ErrorCode;
  /** Tells apart what one code covers, where the error has it. */
  readonly problem?: string;
  /** Whether the same command, unchanged, may succeed later. */
  readonly retryable: boolean;
}

const ofExitCodes: Readonly<Record<ExitCode, ErrorCode>> = {
  [exitCodes.usage]: "USAGE",
  [exitCodes.authentication]: "AUTH",
  [exitCodes.notFound]: "NOT_FOUND",
  [exitCodes.integrity]: "INTEGRITY",
  [exitCodes.certificate]: "CERTIFICATE",
};

/** Returns what programs decide by. */
export function errorFacts(error: unknown, exitCode: ExitCode): ErrorFacts {
  if (error instanceof InterruptedError) return { code: "INTERRUPTED", retryable: true };
  if (isPartialDownload(error)) return errorFacts(error.cause, exitCode);
  if (error instanceof CliError && error.cause instanceof CarrelError) return errorFacts(error.cause, exitCode);
  if (error instanceof ProxySettingsError) return { code: "USAGE", retryable: false };
  if (!(error instanceof CarrelError)) return { code: ofExitCodes[exitCode] ?? "FAILED", retryable: false };
  const { code, retryable, problem } = error.toJSON();
  return { code, ...(problem !== undefined && { problem }), retryable };
}
