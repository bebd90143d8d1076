import { CarrelError, ServerError } from "@carrel/core";
import { redact } from "@carrel/core/kit";
import type { PartialDownloadError } from "@carrel/node-stream";
import { ProxySettingsError } from "@carrel/node-stream/tls";
import { CliError, exitCodeOfError, exitCodes } from "../process/cli-error.ts";
import type { ExitCode } from "../process/cli-error.ts";
import type { Environment } from "../process/program-io.ts";
import { uncheckedCertificateHints } from "../settings/other-tools.ts";
import { printable } from "../output/printable.ts";
import { adviceFor, isSavedSessionOver, lacksWireStyle, proxyAdvice, proxyErrorIn } from "./advice.ts";
import { InterruptedError } from "../process/signals.ts";
import { errorFacts } from "./error-facts.ts";
import type { ErrorFacts } from "./error-facts.ts";
import { isPartialDownload } from "./partial-failure.ts";

/** What is said about an error, and what the process ends with. */
export interface Failure {
  readonly exitCode: ExitCode;
  /** The fact. Absent where it was said already. */
  readonly message: string | undefined;
  /** The advice: what to do about it. */
  readonly hints: readonly string[];
  /** What programs decide by. */
  readonly facts: ErrorFacts;
}

/** An error in JSON: the same members wherever there is one. */
export interface JsonError extends ErrorFacts {
  readonly message: string;
  /** What to do about it, a sentence or a value such as an id each; may be empty. */
  readonly hints: readonly string[];
  /** What the process ends with, or would if this were the only error. */
  readonly exitCode: ExitCode;
}

/** The last line of a failed run with --json. */
export interface ErrorLine {
  readonly type: "error";
  readonly error: JsonError;
}

type Said = Omit<Failure, "facts">;

/**
 * Turns an error into a sentence, advice and an exit code. Every command ends here.
 * @param env - With it, the advice says what settings of other tools do not do here.
 */
export function explainFailure(error: unknown, env: Environment = {}): Failure {
  const said = sayFailure(error);
  const foreign = said.exitCode === exitCodes.certificate ? uncheckedCertificateHints(env) : [];
  return { ...said, hints: [...foreign, ...said.hints], facts: errorFacts(error, said.exitCode) };
}

function sayFailure(error: unknown): Said {
  // Said already, when the signal came.
  if (error instanceof InterruptedError) {
    return { exitCode: error.exitCode, message: undefined, hints: [] };
  }
  if (error instanceof CliError) return failureOf(error.exitCode, error.message, error.hints);
  if (isPartialDownload(error)) return { ...sayFailure(error.cause), message: partialMessage(error) };
  if (error instanceof CarrelError) {
    const isUsage = lacksWireStyle(error) || proxyErrorIn(error)?.problem === "settings";
    const exitCode = isUsage ? exitCodes.usage : exitCodeOfError(error.toJSON());
    return failureOf(exitCode, headline(error), adviceFor(error));
  }
  if (error instanceof ProxySettingsError) {
    return failureOf(exitCodes.usage, error.message, proxyAdvice.settings);
  }
  const message = error instanceof Error ? error.message : String(error);
  return failureOf(exitCodes.failed, message, ["Run with --debug to see the stack trace."]);
}

function partialMessage({ failed, report }: PartialDownloadError): string {
  const reasons = failed.map(({ error }) => error.message).join("; ");
  return `${failed.length} of ${failed.length + report.files.length} files could not be downloaded: ${reasons}`;
}

/** A failure for programs. */
export function jsonError({ exitCode, message = "interrupted", hints, facts }: Failure): JsonError {
  return { ...facts, message: redact(message), hints: hints.map((hint) => redact(hint.trim())), exitCode };
}

/** The line about a failure that ends a run. */
export function errorLine(failure: Failure): ErrorLine {
  return { type: "error", error: jsonError(failure) };
}

/**
 * A failure for people, a line for the message and one for each hint. Whatever a server put into a message, it begins no line.
 * @param subject - What failed, where several things may.
 */
export function failureLines({ message, hints: more }: Failure, subject?: string): readonly string[] {
  if (message === undefined) return [];
  const lines = [
    `carrel: ${subject === undefined ? "" : `"${subject}": `}${message}`,
    ...more.map((hint) => `  ${hint}`),
  ];
  return lines.map((line) => printable(redact(line)));
}

function failureOf(exitCode: ExitCode, message: string, hints: readonly string[]): Said {
  return { exitCode, message, hints };
}

function headline(error: CarrelError): string {
  if (lacksWireStyle(error)) return "Cannot log in: the server does not support the configured wire style";
  if (!(error instanceof ServerError)) return error.message;
  if (isSavedSessionOver(error)) return 'The session saved by "carrel login" has ended on the server';
  const said = error.messages.map((message) => message.localized ?? message.default_message).filter(Boolean);
  if (error.errorType === "UNAUTHENTICATED") {
    return `The server refused the login: ${said.join(" ") || "it gave no reason"}`;
  }
  if (error.errorType === "UNAUTHORIZED") {
    return `The server denied permission: ${said.join(" ") || "it gave no reason"}`;
  }
  return error.message;
}
