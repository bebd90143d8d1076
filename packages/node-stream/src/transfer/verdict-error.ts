import { IntegrityError, TransferError } from "@carrel/core";
import type { CarrelError } from "@carrel/core";
import type { Route } from "./locate.ts";
import type { GoodVerdict, Verdict } from "./resume-rules.ts";

const refusals: Readonly<Record<number, string>> = {
  401: "the session behind it is over, or the server wants a login",
  403: "the transfer URL is not valid for this",
  404: "the transfer URL is not valid any more, as when its download session has ended",
  410: "the transfer URL is not valid any more",
};

/** What was asked, and how it was answered. */
interface Refusal {
  readonly status: number;
  readonly label: string;
  readonly route: Route;
  /** An API session id was sent. */
  readonly isAuthenticated: boolean;
}

/** The error that a bad verdict stands for. */
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
      return new TransferError(`The server could not send ${label} now (status ${status}).`, {
        problem: "busy",
        status,
        ...origins,
      });
    case "rangeless":
      return new TransferError(`Could not go on in the middle of ${label}: ${verdict.reason}.`, {
        problem: "no-range",
        status,
        ...origins,
      });
    case "wrong":
      return new IntegrityError(`What the server offers is not ${label} as it should be: ${verdict.reason}.`, {
        problem: "changed",
      });
    case "foreign":
      return new IntegrityError(`What the server offers is not ${label} as it should be: ${verdict.reason}.`, {
        problem: "not-the-file",
      });
    case "redirect":
    case "failed":
      return new TransferError(`The server answered the request for ${label} with status ${status}.`, {
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
