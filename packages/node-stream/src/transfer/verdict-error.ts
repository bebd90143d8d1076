import { IntegrityError, TransferError } from "@carrel/core";
import type { CarrelError } from "@carrel/core";
import type { GoodVerdict, Verdict } from "./resume-rules.ts";

const refusals: Readonly<Record<number, string>> = {
  401: "the session behind it is over, or the server wants a login",
  403: "the transfer URL is not valid for this",
  404: "the transfer URL is not valid any more, as when its download session has ended",
  410: "the transfer URL is not valid any more",
};

/** The error that a bad verdict stands for. */
export function verdictError(verdict: Exclude<Verdict, GoodVerdict>, status: number, label: string): CarrelError {
  switch (verdict.kind) {
    case "refused":
      return new TransferError(`The server refused to send ${label} (status ${status}): ${refusals[status]}.`, {
        problem: "refused",
        status,
      });
    case "later":
      return new TransferError(`The server could not send ${label} now (status ${status}).`, {
        problem: "busy",
        status,
      });
    case "rangeless":
      return new TransferError(`Could not go on in the middle of ${label}: ${verdict.reason}.`, {
        problem: "no-range",
        status,
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
      });
  }
  return verdict satisfies never;
}
