import { CarrelError, CertificateError, IntegrityError, ServerError, TransferError } from "@carrel/core";
import type { CarrelErrorCode, IntegrityProblem, TransferProblem } from "@carrel/core";
import { redact } from "@carrel/core/kit";
import { PartialDownloadError } from "@carrel/node-stream";
import { ProxySettingsError } from "@carrel/node-stream/tls";
import { CliError } from "../process/cli-error.ts";
import { exitCodeOf, exitCodes } from "../process/exit-code.ts";
import type { ExitCode } from "../process/exit-code.ts";
import { printable } from "../output/printable.ts";
import { proxyErrorIn, proxyHints } from "./proxy-hints.ts";
import { refusedDomain } from "./refused-logins.ts";
import { InterruptedError } from "../process/signals.ts";

/** What is told of an error, and what the process ends with. */
export interface Failure {
  readonly exitCode: ExitCode;
  /** Absent where it was said already. */
  readonly message: string | undefined;
  /** What to do about it. */
  readonly hints: readonly string[];
  /** What programs decide by, where the error is one of Carrel. */
  readonly code: CarrelErrorCode | undefined;
}

/** The last line of a failed run with --json. */
export interface FailureEvent {
  readonly type: "error";
  readonly exitCode: ExitCode;
  readonly code?: CarrelErrorCode;
  readonly message: string;
  /** What to do about it, a sentence or a value such as an id each; may be empty. */
  readonly hints: readonly string[];
}

/** The one place that turns errors into sentences and exit codes. */
export function explainFailure(error: unknown): Failure {
  // Said already, when the signal came.
  if (error instanceof InterruptedError) {
    return { exitCode: error.exitCode, message: undefined, hints: [], code: undefined };
  }
  if (error instanceof CliError) return failureOf(error.exitCode, error.message, error.hints);
  if (error instanceof PartialDownloadError) return { ...explainFailure(error.cause), message: partialMessage(error) };
  if (error instanceof CarrelError) {
    const isUsage = lacksWireStyle(error) || proxyErrorIn(error)?.problem === "settings";
    const exitCode = isUsage ? exitCodes.usage : exitCodeOf(error.code);
    return failureOf(exitCode, headline(error), hints(error), error.code);
  }
  if (error instanceof ProxySettingsError) {
    return failureOf(exitCodes.usage, error.message, proxyHints.settings);
  }
  const message = error instanceof Error ? error.message : String(error);
  return failureOf(exitCodes.failed, message, ["Run with --debug to see the stack trace."]);
}

function partialMessage({ failed, report }: PartialDownloadError): string {
  const reasons = failed.map(({ error }) => error.message).join("; ");
  return `${failed.length} of ${failed.length + report.files.length} files could not be downloaded: ${reasons}`;
}

/** A failure for programs. */
export function failureEvent({ exitCode, code, message = "interrupted", hints: more }: Failure): FailureEvent {
  const said = { message: redact(message), hints: more.map((hint) => redact(hint.trim())) };
  return { type: "error", exitCode, ...(code && { code }), ...said };
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

function failureOf(exitCode: ExitCode, message: string, more: readonly string[], code?: CarrelErrorCode): Failure {
  return { exitCode, code, message, hints: more };
}

function headline(error: CarrelError): string {
  if (lacksWireStyle(error)) return "Cannot log in: the server does not support the configured wire style";
  if (!(error instanceof ServerError)) return error.message;
  if (isKeptSessionOver(error)) return 'The session saved by "carrel login" has ended on the server';
  const said = error.messages.map((message) => message.localized ?? message.default_message).filter(Boolean);
  if (error.errorType === "UNAUTHENTICATED") {
    return `The server refused the login: ${said.join(" ") || "it gave no reason"}`;
  }
  if (error.errorType === "UNAUTHORIZED") {
    return `The server denied permission: ${said.join(" ") || "it gave no reason"}`;
  }
  return error.message;
}

function hints(error: CarrelError): readonly string[] {
  const proxyError = proxyErrorIn(error);
  if (proxyError) return proxyHints[proxyError.problem];
  switch (error.code) {
    case "AUTH":
      if (isKeptSessionOver(error)) return ["Log in again: carrel login"];
      return error instanceof ServerError && error.errorType === "UNAUTHORIZED"
        ? ['Downloading needs the privilege "Download files" (ContentLibrary.DownloadSession) on the library.']
        : loginHints(error);
    case "CERTIFICATE":
      return error instanceof CertificateError ? certificateHints(error) : [];
    case "INTEGRITY":
      return error instanceof IntegrityError ? integrityHints[error.problem] : [];
    case "TRANSPORT":
    case "TIMEOUT":
      return ["Check the address (VSPHERE_SERVER or --server), and that the network and proxy let it through."];
    case "BUSY":
      return ["Several attempts failed. Try again later."];
    case "SESSION_LOST":
      return resumable;
    case "TRANSFER":
      return error instanceof TransferError ? transferHints(error) : [];
    case "NOT_FOUND":
      return lacksWireStyle(error) ? ['Leave out --wire, or "wire" of the context: it is detected automatically'] : [];
    case "PROTOCOL":
    case "PREPARE_FAILED":
    case "REJECTED":
      return [];
    default:
      error.code satisfies never;
      return [];
  }
}

/** A login that does not exist: the wire style was not probed but given, and is not the server's. */
function lacksWireStyle(error: CarrelError): boolean {
  return error instanceof ServerError && error.code === "NOT_FOUND" && error.operation === "session.create";
}

function isKeptSessionOver(error: CarrelError): boolean {
  return error instanceof ServerError && error.messages.some(({ id }) => id === "carrel.token_auth.over");
}

function loginHints(error: CarrelError): readonly string[] {
  const domain = refusedDomain(error);
  return [
    'Check VSPHERE_USER (or --user) and VSPHERE_PASSWORD, or log in again with "carrel login".',
    ...(domain === undefined
      ? []
      : [
          `If "${domain}" is federated (AD FS, Entra ID, Okta or the like), its accounts cannot log in with a password here:`,
          "use an account of the vCenter's own domain, such as reader@vsphere.local.",
        ]),
  ];
}

const resumable = ["Run the same command again: it resumes where this one stopped."];
const again = ["Nothing was kept under a final name. Running the same command again may help."];

/** What to do about bytes that are not what they should be. */
const integrityHints: Readonly<Record<IntegrityProblem, readonly string[]>> = {
  length: again,
  digest: again,
  changed: again,
  archive: again,
  encoded: [
    "Whatever serves the files, or a proxy in between, encodes them on the way: have Content-Encoding turned off there.",
  ],
  "not-the-file": [
    "It did not come from the server's files: check what is between here and the server, such as a proxy.",
    "Then run the same command again.",
  ],
  manifest: [
    "Downloading again does not help: have the manifest corrected on the server.",
    "To keep the file nevertheless, and have the difference reported: --manifest report",
  ],
  incomplete: ["Without --require-verified the missing file is only reported."],
  unverifiable: ["It did not get its final name. Without --require-verified it does, and is marked UNVERIFIED."],
};

/** What to do about bytes that could not be fetched or written, where there is more to do than to run it again. */
const transferAdvice: Readonly<Partial<Record<TransferProblem, readonly string[]>>> = {
  exists: ["Or replace it: --existing overwrite"],
  obstacle: ["Remove or rename it, or choose another directory."],
  locked: ["Wait for the other run to end, or choose another directory."],
  "lock-lost": ["Run the same command again once the other run has ended."],
  name: ["Download a single file under another name: carrel get LIBRARY/ITEM/FILE -o - > NAME"],
};

const elsewhereOnDisk = ["Choose another directory, or change its permissions."];
const freeSpace = ["Free some space, then run the same command again: it resumes where this one stopped."];

/** What to do about a refusal of the file system, by the code of the system. */
const diskAdvice: Readonly<Record<string, readonly string[]>> = {
  ENOSPC: freeSpace,
  EDQUOT: freeSpace,
  EACCES: elsewhereOnDisk,
  EPERM: elsewhereOnDisk,
  EROFS: ["Choose another directory."],
  EFBIG: ["Choose another directory, or raise the limit of the process."],
  ENOENT: ["Check that the directory exists and was not moved or deleted meanwhile."],
  ENOTDIR: ["Choose another directory."],
  ENAMETOOLONG: ["Choose a directory with a shorter path."],
  EEXIST: ["Rename or remove what has that name."],
  EISDIR: ["Rename or remove the directory."],
  ELOOP: ["Remove the symbolic link if you trust it, or choose another directory."],
  EBUSY: ["Close the program that uses it, then run the same command again."],
};

function diskHints({ problem, cause }: TransferError): readonly string[] | undefined {
  if (problem !== "disk" || !(cause instanceof Error) || !("code" in cause)) return undefined;
  return diskAdvice[String(cause.code)];
}

function transferHints(error: TransferError): readonly string[] {
  const specific = elsewhereHints(error) ?? diskHints(error);
  if (specific !== undefined) return specific;
  return transferAdvice[error.problem] ?? (error.retryable ? resumable : []);
}

const endpointHints = [
  "What the vCenter says of its own transfers comes before any pin of yours: ask whoever runs it.",
];
const certificateChanged = "It may have a new certificate that it does not name yet, or somebody may be in between.";

/** What to do where transfers go to another origin than the one that the client is connected to. */
function elsewhereHints({ problem, status, origin, clientOrigin }: TransferError): readonly string[] | undefined {
  if (origin === undefined || clientOrigin === undefined || origin === clientOrigin) return undefined;
  const url = URL.parse(origin);
  const isDowngrade = url?.protocol === "http:" && clientOrigin.startsWith("https:");
  if (problem === "endpoint" && isDowngrade) {
    return [
      "Ask whoever runs the vCenter why. If everybody on the way may read and change the files: --allow-http-transfers",
    ];
  }
  const server = url?.protocol === "http:" ? origin : url?.host;
  if (problem === "refused") {
    const why = status === 401 ? ", so that the session is known there" : ", the name that the vCenter has for itself";
    return [`Connect as ${server}${why}: --server ${server}`];
  }
  if (problem !== "broken" && problem !== "stalled") return undefined;
  return [
    `This machine must reach ${url?.host ?? origin} as well: check its name in the DNS, the firewall and the proxy.`,
    `Where it does, connect under that name: --server ${server}`,
  ];
}

function certificateHints({ problem, host, seen }: CertificateError): readonly string[] {
  // Nothing that is trusted here changes what the server says of itself.
  if (problem === "bad-endpoint") return endpointHints;
  if (problem === "not-endpoint") return [certificateChanged, ...endpointHints];
  if (seen === undefined) return [];
  const changed = "The server may have a new certificate, or somebody may be in between.";
  return [
    ...(problem === "not-pinned" ? [changed] : []),
    "If the fingerprint seen is the right server's (ask whoever runs it), trust it:",
    `  carrel trust ${printable(host ?? "HOST")}`,
    `  or: export VSPHERE_THUMBPRINT=${seen.sha256}`,
    "or give the certificate of the authority that signed it: --ca FILE",
  ];
}
