import { TransferError } from "@carrel/core";
import type { TransferErrorOptions } from "@carrel/core";
import { isObject } from "@carrel/core/kit";
import { quote } from "@carrel/node-stream/fs";

/**
 * What stands between a store and its use.
 *
 * - `no-bucket`: the bucket does not exist.
 * - `denied`: the credentials do not permit the request, or the store does not know them.
 * - `no-credentials`: none were found.
 * - `expired`: the credentials have expired.
 * - `region`: the bucket is in another region, or no region is named.
 * - `clock`: the clock of this machine differs too much from the store's.
 * - `full`: the store, or a quota of it, is full.
 * - `not-s3`: what answers at the address is not an S3 store.
 * - `unreachable`: the store could not be reached, or the connection broke.
 * - `damaged`: bytes arrived at the store that are not those that were sent.
 * - `busy`: the store asked to try again later.
 * - `other`: the store refused for a reason of its own.
 */
export type StoreObstacle =
  | "no-bucket"
  | "denied"
  | "no-credentials"
  | "expired"
  | "region"
  | "clock"
  | "full"
  | "not-s3"
  | "unreachable"
  | "damaged"
  | "busy"
  | "other";

/** Options of a {@link StoreError}. */
export interface StoreErrorOptions extends Omit<TransferErrorOptions, "problem" | "retryable"> {
  readonly obstacle: StoreObstacle;
  /** The store's own code, such as `AccessDenied`, or the system's, such as `ECONNREFUSED`. */
  readonly storeCode?: string | undefined;
}

const lasting: ReadonlySet<StoreObstacle> = new Set<StoreObstacle>([
  "no-bucket",
  "denied",
  "no-credentials",
  "region",
  "clock",
  "not-s3",
]);

/** An object store refused an operation, or could not be reached. `problem` is `disk`: the place for the files, not their source. */
export class StoreError extends TransferError {
  static override readonly brand: string = "StoreError";
  /** Why, for `switch`. */
  readonly obstacle: StoreObstacle;
  /** The store's own code, such as `AccessDenied`, or the system's, such as `ECONNREFUSED`; absent if there was none. */
  readonly storeCode: string | undefined;

  constructor(message: string, { obstacle, storeCode, ...options }: StoreErrorOptions) {
    super(message, { ...options, problem: "disk", retryable: !lasting.has(obstacle) });
    this.obstacle = obstacle;
    this.storeCode = storeCode;
  }
}

/** Those that do not depend on the object. */
const ofBucket: ReadonlySet<StoreObstacle> = new Set<StoreObstacle>([
  "no-bucket",
  "no-credentials",
  "expired",
  "region",
  "clock",
  "not-s3",
  "unreachable",
]);

const obstacles: Readonly<Record<string, StoreObstacle>> = {
  NoSuchBucket: "no-bucket",
  AccessDenied: "denied",
  Forbidden: "denied",
  AllAccessDisabled: "denied",
  AccountProblem: "denied",
  InvalidAccessKeyId: "denied",
  SignatureDoesNotMatch: "denied",
  InvalidToken: "denied",
  CredentialsProviderError: "no-credentials",
  TokenProviderError: "no-credentials",
  ExpiredToken: "expired",
  ExpiredTokenException: "expired",
  TokenRefreshRequired: "expired",
  PermanentRedirect: "region",
  TemporaryRedirect: "region",
  AuthorizationHeaderMalformed: "region",
  IllegalLocationConstraintException: "region",
  RequestTimeTooSkewed: "clock",
  QuotaExceeded: "full",
  InsufficientStorage: "full",
  StorageFull: "full",
  XMinioStorageFull: "full",
  XMinioAdminBucketQuotaExceeded: "full",
  BadDigest: "damaged",
  InvalidDigest: "damaged",
  XAmzContentSHA256Mismatch: "damaged",
  XAmzContentChecksumMismatch: "damaged",
  SlowDown: "busy",
  ServiceUnavailable: "busy",
  TooManyRequests: "busy",
  RequestTimeout: "unreachable",
  TimeoutError: "unreachable",
};

const byStatus: Readonly<Record<number, StoreObstacle>> = {
  301: "region",
  403: "denied",
  429: "busy",
  503: "busy",
  507: "full",
};

const texts: Readonly<Record<StoreObstacle, string>> = {
  "no-bucket": "the bucket does not exist",
  denied: "the store refused access",
  "no-credentials": "no credentials were found for the store",
  expired: "the credentials have expired",
  region: "the bucket is in another region",
  clock: "the clock of this machine differs too much from the store's",
  full: "the store is full",
  "not-s3": "what answers at this address is not an S3 store",
  unreachable: "the store cannot be reached",
  damaged: "the bytes were damaged on the way to the store",
  busy: "the store asked to try again later",
  other: "the store refused it",
};

/** What an answer of a store, or its absence, states. */
interface Facts {
  readonly code: string | undefined;
  readonly status: number | undefined;
  readonly reason: string | undefined;
}

/** Returns the store's own code of an error, such as `NoSuchKey`; `undefined` if the error is not an answer. */
export function storeCodeOf(error: unknown): string | undefined {
  return factsOf(error).code;
}

/** Returns the HTTP status of the answer; `undefined` if none came. */
export function statusOf(error: unknown): number | undefined {
  return factsOf(error).status;
}

function factsOf(error: unknown): Facts {
  if (!isObject(error)) return { code: undefined, status: undefined, reason: undefined };
  const { name, message, code, Code, $metadata } = error;
  const status = isObject($metadata) ? $metadata["httpStatusCode"] : undefined;
  const own = [Code, code, name].find((text): text is string => typeof text === "string" && text !== "");
  return {
    code:
      error instanceof SyntaxError || own === "Unknown" || own === "UnknownError" || own === "Error" ? undefined : own,
    status: typeof status === "number" ? status : undefined,
    // HEAD has no body to say why.
    reason: typeof message === "string" && message !== "" && message !== "UnknownError" ? message : undefined,
  };
}

function obstacleOf(error: unknown, { code, reason, status }: Facts): StoreObstacle {
  if (error instanceof SyntaxError || isUnreadable(error)) return "not-s3";
  if (code !== undefined && Object.hasOwn(obstacles, code)) return obstacles[code] ?? "other";
  if (reason === "Region is missing") return "region";
  if (status === undefined) return "unreachable";
  return byStatus[status] ?? "other";
}

/** Returns whether an error is not an answer, or one that a store gives: with a code in its body, or from overload. */
export function isAnswerOfStore(error: unknown): boolean {
  const { status } = factsOf(error);
  return status === undefined || status >= 500 || (isObject(error) && typeof error["Code"] === "string");
}

/** Returns whether the SDK could not read the answer, because it is HTML, for example. */
function isUnreadable(error: unknown): boolean {
  return isObject(error) && "$responseBodyText" in error;
}

/**
 * Converts what the SDK throws into one sentence with the store's own code and reason. An abort, and an error of ours, stay as
 * they are.
 */
export function storeError(error: unknown, action: string, location: string): unknown {
  if (error instanceof TransferError) return error;
  if (isObject(error) && error["name"] === "AbortError") return error;
  const facts = factsOf(error);
  const obstacle = obstacleOf(error, facts);
  const { code, reason, status } = facts;
  const own = [code, reason].filter((text) => text !== undefined).map((text) => text.replace(/\.$/u, ""));
  const details = own.length === 0 ? (status === undefined ? "" : `HTTP ${status}`) : own.join(": ");
  const text = obstacle === "region" && reason === "Region is missing" ? "no region is named" : texts[obstacle];
  const what = ofBucket.has(obstacle) ? `use ${quote(bucketOf(location))}` : `${action} ${quote(location)}`;
  return new StoreError(`Cannot ${what}: ${text}${details === "" ? "" : ` (${details})`}`, {
    obstacle,
    path: location,
    storeCode: code,
    status,
    cause: error,
  });
}

function bucketOf(location: string): string {
  return /^s3:\/\/[^/]*/u.exec(location)?.[0] ?? location;
}

/** Returns whether an error does not depend on the object, so that the next request would fail likewise. */
export function concernsStore(error: unknown): boolean {
  return error instanceof StoreError && ofBucket.has(error.obstacle);
}

const repeatable: ReadonlySet<StoreObstacle> = new Set<StoreObstacle>(["unreachable", "busy", "damaged"]);

/** Returns whether a request that is sent once only may succeed if it is sent again. */
export function isWorthRepeating(error: unknown): boolean {
  if (!(error instanceof StoreError)) return false;
  const { obstacle, status } = error;
  return repeatable.has(obstacle) || (status !== undefined && status >= 500 && obstacle === "other");
}
