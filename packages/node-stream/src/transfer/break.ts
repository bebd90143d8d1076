import { CarrelError, CertificateError, IntegrityError, TransferError } from "@carrel/core";
import { ProxyError } from "../tls/proxy-error.ts";
import { Silence } from "./exchange.ts";

/** A transfer broke in a way that another try may mend. */
export class Break extends Error {
  override readonly cause: CarrelError;
  /** What the server asked to wait. */
  readonly delayMs: number | undefined;
  readonly needsEndpoint: boolean;
  /** The server said that it is busy. */
  readonly isBusy: boolean;

  constructor(
    cause: CarrelError,
    options: {
      readonly delayMs?: number | undefined;
      readonly needsEndpoint?: boolean;
      readonly isBusy?: boolean;
    } = {},
  ) {
    super(cause.message);
    this.cause = cause;
    this.delayMs = options.delayMs;
    this.needsEndpoint = options.needsEndpoint ?? false;
    this.isBusy = options.isBusy ?? false;
  }
}

/** Sorts what an exchange failed with: a break, or an error to fail with. */
export function sortFailure(error: unknown, label: string, stallTimeoutMs: number): unknown {
  if (error instanceof ProxyError) {
    const { retryable, message } = error;
    const failed = new TransferError(`There is no connection for ${label}. ${message}`, {
      problem: "broken",
      retryable,
      cause: error,
    });
    return retryable ? new Break(failed) : failed;
  }
  if (error instanceof Break || error instanceof CarrelError) return error;
  if (error instanceof Silence) {
    return new Break(
      new TransferError(`The server sent nothing of ${label} for ${stallTimeoutMs} ms.`, {
        problem: "stalled",
        cause: error,
      }),
    );
  }
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof CertificateError) return cause;
  }
  const reason = error instanceof Error ? reasonOf(error) : String(error);
  return new Break(
    new TransferError(`The connection for ${label} broke: ${reason}.`, { problem: "broken", cause: error }),
  );
}

/** The error to fail with when the last try was broken too. */
export function exhausted({ cause }: Break, resumes: number, position: number): CarrelError {
  if (resumes === 0) return cause;
  const message = `${cause.message} Gave up after going on ${resumes} ${resumes === 1 ? "time" : "times"} without progress, at byte ${position}.`;
  if (cause instanceof IntegrityError) return new IntegrityError(message, { problem: cause.problem, cause });
  const { problem, status } =
    cause instanceof TransferError ? cause : { problem: "broken" as const, status: undefined };
  return new TransferError(message, { problem, status, cause });
}

function reasonOf(error: Error): string {
  const { code } = error as NodeJS.ErrnoException;
  const text = error.message.replace(/\.$/, "") || code || error.name;
  return code === undefined || text.includes(code) ? text : `${text} (${code})`;
}
