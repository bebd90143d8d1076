import type { ErrorType, WireStyle } from "@carrel/core";
import type { ContractFile } from "./contract-files.ts";
import type { Json } from "./json.ts";

/**
 * One request and its expected answer. Texts may contain names of known values in braces, such as `{library}`: what an
 * earlier exchange has kept, or what is known about the server.
 */
export interface Exchange {
  readonly name: string;
  /** The request in the legacy style; the path starts below `/rest/com/vmware`. */
  readonly rest: Request;
  /** The request in the modern style; the path starts below `/api`. */
  readonly api: Request;
  /** Added to the login's session id; `undefined` removes a header. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** The file that is uploaded or downloaded. */
  readonly file?: ContractFile;
  readonly answer: ExpectedResult | Readonly<Record<WireStyle, ExpectedResult>>;
  /** Members of the result to keep, by the name to keep them under; the empty path is the result itself. */
  readonly keep?: Readonly<Record<string, string>>;
}

/** Method, path and JSON body. A path that is a whole URL is used as it is. */
export interface Request {
  readonly method: string;
  readonly path: string;
  readonly body?: Json;
}

/** The expected answer, for both styles. */
export type ExpectedResult =
  | { readonly kind: "read" | "created"; readonly result: Json; readonly headers?: Headers }
  | { readonly kind: "done" }
  | { readonly kind: "refused"; readonly errorType: ErrorType }
  | { readonly kind: "transfer"; readonly status: number; readonly bytes: string; readonly headers: Headers };

type Headers = Readonly<Record<string, string>>;

/** The result of a call that reads. */
export const read = (result: Json): ExpectedResult => ({ kind: "read", result });

/** The result of a call that creates something. */
export const created = (result: Json, headers: Headers = {}): ExpectedResult => ({ kind: "created", result, headers });

/** Success of a call that has no result. */
export const done: ExpectedResult = { kind: "done" };

/** An error of the vendor's shape. */
export const refused = (errorType: ErrorType): ExpectedResult => ({ kind: "refused", errorType });

/** What a transfer URL answers: `bytes` is `FIRST-LAST of NAME`, or nothing. */
export const transfer = (status: number, bytes = "", headers: Headers = {}): ExpectedResult => ({
  kind: "transfer",
  status,
  bytes,
  headers,
});

export const get = (path: string): Request => ({ method: "GET", path });
export const remove = (path: string): Request => ({ method: "DELETE", path });
export const post = (path: string, body?: Json): Request => ({
  method: "POST",
  path,
  ...(body === undefined ? {} : { body }),
});

/** The same request in both styles. */
export const alike = (request: Request): Pick<Exchange, "rest" | "api"> => ({ rest: request, api: request });
