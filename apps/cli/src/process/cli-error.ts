import type { CarrelErrorCode } from "@carrel/core";

/** The exit codes of this program. An interrupted run ends with 128 and the number of the signal. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  authentication: 3,
  notFound: 4,
  integrity: 5,
  certificate: 6,
  interrupted: 130,
} as const;

/** A process exit code. */
export type ExitCode = number;

const byErrorCode: Readonly<Record<CarrelErrorCode, ExitCode>> = {
  AUTH: exitCodes.authentication,
  NOT_FOUND: exitCodes.notFound,
  INTEGRITY: exitCodes.integrity,
  CERTIFICATE: exitCodes.certificate,
  BUSY: exitCodes.failed,
  FLEET: exitCodes.failed,
  MIRROR: exitCodes.failed,
  PREPARE_FAILED: exitCodes.failed,
  PROTOCOL: exitCodes.failed,
  REJECTED: exitCodes.failed,
  SESSION_LOST: exitCodes.failed,
  TIMEOUT: exitCodes.failed,
  TRANSFER: exitCodes.failed,
  TRANSPORT: exitCodes.failed,
  VCSP: exitCodes.failed,
};

/** Returns the exit code for an error of Carrel. One of a newer version of the library, of which nothing is known, is a failure. */
export function exitCodeOf(code: CarrelErrorCode): ExitCode {
  return byErrorCode[code] ?? exitCodes.failed;
}

/** Returns the exit code for an error: of one about a published library it depends on the problem. */
export function exitCodeOfError({
  code,
  problem,
}: {
  readonly code: CarrelErrorCode;
  readonly problem?: string;
}): ExitCode {
  if (code === "VCSP" && problem === "login") return exitCodes.authentication;
  return code === "VCSP" && problem === "not-found" ? exitCodes.notFound : exitCodeOf(code);
}

/** Options of {@link CliError}. */
export interface CliErrorOptions {
  readonly exitCode: ExitCode;
  /** What to do about it: further lines below the message. */
  readonly hints?: readonly string[];
  readonly cause?: unknown;
}

/** An error that this program itself found: the message is the fact, the hints are the advice. */
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
