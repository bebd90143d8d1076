import { IntegrityError, TransferError } from "@carrel/core";
import type { CarrelError } from "@carrel/core";
import type { Route } from "./locate.ts";
import type { GoodVerdict, Verdict } from "./resume-rules.ts";

const refusals: Readonly<Record<number, string>> = {
  401: "the session behind it is over, or the server requires a login",
  403: "the transfer URL is not valid for this",
  404: "the transfer URL is no longer valid, as when its download session has ended",
  410: "the transfer URL is no longer valid",
};

/** What was asked, and how it was answered. */
interface Refusal {
  readonly status: number;
  readonly label: string;
  readonly route: Route;
  /** An API session id was sent. */
  readonly isAuthenticated: boolean;
}

/** Creates the error for a bad verdict. */
export function verdictError(verdict: Exclude<Verdict, GoodVerdict>, refusal: Refusal): CarrelError {
  const { status, label, route, isAuthenticated } = refusal;
  const origins = { origin: route.url.origin, clientOrigin: route.clientOrigin };
  switch (verdict.kind) {
    case "refused":
      return new TransferError(`The server refused to send ${label} (status ${status}): ${refusalReason(refusal)}`, {
        problem: "refused",
        status,
        retryable: status !== 401 || isAuthenticated,
        ...origins,
      });
    case "later":
      return new TransferError(`The server cannot send ${label} at the moment (status ${status})`, {
        problem: "busy",
        status,
        ...origins,
      });
    case "rangeless":
      return new TransferError(`Cannot resume ${label}: ${verdict.reason}`, {
        problem: "no-range",
        status,
        ...origins,
      });
    case "wrong":
      return new IntegrityError(`The server did not send ${label} as expected: ${verdict.reason}`, {
        problem: "changed",
      });
    case "foreign":
      return new IntegrityError(`The server did not send ${label} as expected: ${verdict.reason}`, {
        problem: "not-the-file",
      });
    case "redirect":
    case "failed":
      return new TransferError(`The server answered the request for ${label} with status ${status}`, {
        problem: "refused",
        status,
        retryable: false,
        ...origins,
      });
  }
  return verdict satisfies never;
}

function refusalReason({ status, route: { url, clientOrigin }, isAuthenticated }: Refusal): string {
  const reason = refusals[status] ?? "no reason";
  if (clientOrigin === undefined || clientOrigin === url.origin) return reason;
  const unsent = status === 401 && !isAuthenticated ? ", so that no session id was sent" : "";
  return `${reason} (it was asked for at ${url.origin}, and the client is connected to ${clientOrigin}${unsent})`;
}
