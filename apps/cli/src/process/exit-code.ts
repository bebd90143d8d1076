import type { CarrelErrorCode } from "@carrel/core";

/** What the exit codes of this program mean. An interrupted run ends with 128 and the number of the signal. */
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

const byErrorCode: Readonly<Partial<Record<CarrelErrorCode, ExitCode>>> = {
  AUTH: exitCodes.authentication,
  NOT_FOUND: exitCodes.notFound,
  INTEGRITY: exitCodes.integrity,
  CERTIFICATE: exitCodes.certificate,
};

/** The exit code for an error of Carrel. */
export function exitCodeOf(code: CarrelErrorCode): ExitCode {
  return byErrorCode[code] ?? exitCodes.failed;
}
