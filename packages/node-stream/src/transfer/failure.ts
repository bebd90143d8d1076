import { CarrelError, CertificateError, TransferError } from "@carrel/core";
import { defined } from "@carrel/core/kit";
import { AddressRefusedError } from "../tls/dial.ts";
import { ProxyError } from "../tls/proxy-client.ts";
import { Interruption, isOutage, linkLocalError, originsOf, Silence } from "@carrel/core/transfer";
import type { TransferRoute } from "./route.ts";

/** What was being transferred, and from where as far as that was known. */
interface Interrupted {
  readonly label: string;
  readonly stallTimeoutMs: number;
  readonly retryForMs: number | undefined;
  readonly route: TransferRoute | undefined;
}

/** Turns what an attempt failed with into an interruption, or into the error to fail with. */
export function sortFailure(error: unknown, { label, stallTimeoutMs, retryForMs, route }: Interrupted): unknown {
  const origins = originsOf(route);
  if (error instanceof ProxyError) {
    const { retryable, message } = error;
    const failed = new TransferError(`Cannot connect to transfer ${label}: ${message}`, {
      problem: "broken",
      retryable,
      cause: error,
      ...origins,
    });
    return retryable ? new Interruption(failed) : failed;
  }
  // The source of endpoints makes calls, which fail as well while the server is down.
  if (retryForMs !== undefined && isOutage(error)) return new Interruption(error);
  if (error instanceof Interruption || error instanceof CarrelError) return error;
  if (error instanceof Silence) {
    return new Interruption(
      new TransferError(`The server sent no data of ${label} for ${stallTimeoutMs} ms`, {
        problem: "stalled",
        cause: error,
        ...origins,
      }),
    );
  }
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof CertificateError) return cause;
  }
  if (error instanceof AddressRefusedError && route !== undefined) {
    return linkLocalError(error, { label, clientOrigin: route.clientOrigin, origin: route.url.origin });
  }
  if (error instanceof Error && route !== undefined) {
    const malformed = readMalformation(error);
    if (malformed !== undefined) {
      const { reason, cause, isInBody } = malformed;
      const message = `The server at ${route.url.origin} answered the request for ${label} with ${reason}`;
      const failed = new TransferError(message, { problem: "malformed", retryable: isInBody, cause, ...origins });
      return isInBody ? new Interruption(failed, { resumeLimit: 1 }) : failed;
    }
  }
  return broken(error, label, route);
}

function broken(error: unknown, label: string, route: TransferRoute | undefined): Interruption {
  const reason = error instanceof Error ? reasonOf(error) : String(error);
  const { origin, clientOrigin } = originsOf(route);
  const isElsewhere = clientOrigin !== undefined && origin !== clientOrigin;
  const message = isElsewhere
    ? `The connection to ${origin} for ${label} failed (the client is connected to ${clientOrigin}): ${reason}`
    : `The connection for ${label} failed: ${reason}`;
  // Retrying does not make an unknown host name known.
  const isUnknownName = isElsewhere && (error as NodeJS.ErrnoException).code === "ENOTFOUND";
  return new Interruption(new TransferError(message, { problem: "broken", cause: error, origin, clientOrigin }), {
    ...(isUnknownName && { resumeLimit: 1 }),
  });
}

function reasonOf(error: Error): string {
  const { code } = error as NodeJS.ErrnoException;
  const text = error.message.replace(/\.$/u, "") || code || error.name;
  return code === undefined || text.includes(code) ? text : `${text} (${code})`;
}

/** What is wrong with a response that is not valid HTTP. */
interface Malformation {
  /** Follows "answered the request with". */
  readonly reason: string;
  /** undici's error without the bytes that it read, which are those of the file or of someone else. */
  readonly cause: Error;
  /** It occurred in the middle of the body, so that another attempt may fetch the rest. */
  readonly isInBody: boolean;
}

/** undici's failures for a response that is not valid HTTP, by code, or by message where they have no code of their own. */
const malformations: Readonly<Record<string, string>> = {
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH:
    "contradictory lengths: Content-Length repeated, together with Transfer-Encoding, or out of range",
  UND_ERR_HEADERS_OVERFLOW: "headers longer than 16 KiB",
  "bad response": "the unexpected status 100",
  "bad upgrade": "the unexpected status 101",
};

/** Reads what is wrong with a response from undici's error; `undefined` where the form of the response is not the reason. */
function readMalformation(error: Error): Malformation | undefined {
  const { code, name, message } = error as NodeJS.ErrnoException;
  const cause = Object.assign(new Error(message), { name, ...defined({ code }) });
  if (name === "HTTPParserError") {
    const detail = /\(([\x20-\x7e]+)\)$/u.exec(message)?.[1];
    const reason = `an invalid HTTP response${detail === undefined ? "" : `: ${detail}`}`;
    return { reason, cause, isInBody: /chunk/iu.test(detail ?? "") };
  }
  const reason = malformations[code === "UND_ERR_SOCKET" ? message : (code ?? "")];
  return reason === undefined ? undefined : { reason, cause, isInBody: false };
}
