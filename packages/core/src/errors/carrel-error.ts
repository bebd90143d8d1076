import { redact } from "../redact.ts";

/**
 * The code that a caller decides by. A closed set: `switch` on it and end with `satisfies never`.
 *
 * - `AUTH`: the login was refused, or the user lacks a privilege. Other credentials may help.
 * - `NOT_FOUND`: no such library, item, session or file.
 * - `REJECTED`: the server refused the call; its messages say why. Retrying will not help.
 * - `BUSY`: the server is busy or down, even after the retries. Try again later.
 * - `TRANSPORT`: the server could not be reached, or the connection broke.
 * - `TIMEOUT`: no answer in time. The server may have carried out the call nevertheless.
 * - `PROTOCOL`: the answer does not follow the protocol. The address may not be that of a vCenter.
 * - `SESSION_LOST`: the download session has ended. Create a new one.
 * - `PREPARE_FAILED`: the server could not prepare a file, or not in time.
 * - `INTEGRITY`: the bytes are not those of the file.
 * - `CERTIFICATE`: the certificate is neither valid nor the pinned one.
 * - `TRANSFER`: the bytes could not be fetched or written.
 * - `MIRROR`: a directory cannot be used as a mirror of a library, or does not hold all of it.
 * - `VCSP`: a directory or an object store cannot be published as a library, or read as one.
 * - `FLEET`: the database of a fleet cannot be used, or the fleet cannot do what it was asked to do.
 */
export type CarrelErrorCode =
  | "AUTH"
  | "NOT_FOUND"
  | "REJECTED"
  | "BUSY"
  | "TRANSPORT"
  | "TIMEOUT"
  | "PROTOCOL"
  | "SESSION_LOST"
  | "PREPARE_FAILED"
  | "INTEGRITY"
  | "CERTIFICATE"
  | "TRANSFER"
  | "MIRROR"
  | "VCSP"
  | "FLEET";

/** An error as it appears in a log, without secrets. */
export interface CarrelErrorJson {
  readonly name: string;
  readonly code: CarrelErrorCode;
  readonly message: string;
  readonly retryable: boolean;
  /** The member `problem` of the classes that have one: tells apart what one `code` covers. */
  readonly problem?: string;
}

/** Options of every error class. */
export interface CarrelErrorOptions {
  /**
   * The cause of the error. An error of Carrel is kept itself; any other error as a copy of its name, message, stack,
   * code and causes, without secrets.
   */
  readonly cause?: unknown;
}

/**
 * Base of all errors of Carrel.
 *
 * `instanceof` works across realms and duplicate installs. An abort is never a `CarrelError`: it rejects with
 * `signal.reason` itself.
 *
 * @example
 * ```ts
 * import { CarrelError } from "@carrel/core";
 *
 * function isWorthRetrying(error: unknown): boolean {
 *   return error instanceof CarrelError && error.retryable;
 * }
 * ```
 */
export abstract class CarrelError extends Error {
  static readonly brand: string = "CarrelError";

  /** What failed, for `switch`. */
  abstract readonly code: CarrelErrorCode;
  /** Whether the same call, unchanged, may succeed later. */
  abstract readonly retryable: boolean;

  constructor(message: string, options: CarrelErrorOptions = {}) {
    super(redact(message), "cause" in options ? { cause: cleanCause(options.cause) } : undefined);
    this.name = (new.target as { brand?: string }).brand ?? "CarrelError";
    Object.defineProperty(this, "name", { enumerable: false });
    markBrands(this, new.target);
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return hasBrand(this, value);
  }

  /** Returns the error for a log: without session ids, credentials and transfer URLs. */
  toJSON(): CarrelErrorJson {
    const { name, code, message, retryable } = this;
    const { problem } = this as { readonly problem?: unknown };
    return { name, code, message, retryable, ...(typeof problem === "string" && { problem }) };
  }
}

const brand = Symbol.for("carrel.error");

interface Branded {
  readonly [brand]?: ReadonlySet<string>;
}

/** Marks an error with the brands of its class and of all base classes, in a member that logs do not show. */
function markBrands(error: object, leaf: object): void {
  const brands = new Set<string>();
  for (let type: unknown = leaf; typeof type === "function"; type = Object.getPrototypeOf(type)) {
    const name: unknown = Object.hasOwn(type, "brand") ? (type as { brand?: unknown }).brand : undefined;
    if (typeof name === "string") brands.add(name);
  }
  Object.defineProperty(error, brand, { value: brands, configurable: true });
}

/**
 * Makes an error stand in for another one: it gets the members of the other, such as `problem`, and is an instance of
 * its classes too. Members that are set later override them. Does not follow semantic versioning.
 */
export function standInFor(error: CarrelError, original: CarrelError): void {
  Object.assign(error, original);
  const brands = [error, original].flatMap((each) => [...((each as Branded)[brand] ?? [])]);
  Object.defineProperty(error, brand, { value: new Set(brands) });
}

/** Whether a value is an error of Carrel, made by this copy of the package or by another. */
function isBranded(value: unknown): boolean {
  return typeof value === "object" && value !== null && brand in value;
}

/** `instanceof` by brand, so that a second copy of the package in one process recognises the errors of the first. */
function hasBrand(type: object, value: unknown): boolean {
  if (!Object.hasOwn(type, "brand")) return Function.prototype[Symbol.hasInstance].call(type, value);
  const name = (type as { brand: string }).brand;
  return typeof value === "object" && value !== null && ((value as Branded)[brand]?.has(name) ?? false);
}

/** Members of system errors that contain plain facts. */
const facts = ["code", "errno", "syscall", "address", "port", "hostname", "path", "dest"] as const;
const deepest = 8;

/**
 * The cause of an error in a form that may be shown. An error of Carrel is in that form already. Of any other error
 * only name, message, stack, code and causes are copied, because its other members may hold a request with its headers,
 * or the bytes of an answer.
 */
function cleanCause(cause: unknown, depth = 0): unknown {
  if (isBranded(cause)) return cause;
  if (!isError(cause)) return describe(cause);
  const { stack } = cause;
  const rest = depth < deepest && "cause" in cause ? { cause: cleanCause(cause.cause, depth + 1) } : undefined;
  const copy =
    "errors" in cause && Array.isArray(cause.errors) && depth < deepest
      ? new AggregateError(
          cause.errors.slice(0, deepest).map((each) => cleanCause(each, depth + 1)),
          redact(cause.message),
          rest,
        )
      : new Error(redact(cause.message), rest);
  // The name may be of any type, because the error is not ours.
  define(copy, "name", redact(textOf(cause.name)));
  define(copy, "stack", typeof stack === "string" ? redact(stack) : copy.message);
  for (const name of facts) {
    const value: unknown = Reflect.get(cause, name);
    if (typeof value === "string") Object.assign(copy, { [name]: redact(value) });
    else if (typeof value === "number") Object.assign(copy, { [name]: value });
  }
  return copy;
}

/**
 * Whether a value is an error. Not by `instanceof`, because it may come from another realm, as under some test runners.
 */
export function isError(value: unknown): value is Error {
  return typeof value === "object" && value !== null && "message" in value && typeof value.message === "string";
}

function describe(value: unknown): unknown {
  if (typeof value === "string") return redact(value);
  return (typeof value === "object" && value !== null) || typeof value === "function"
    ? Object.prototype.toString.call(value)
    : value;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "Error";
}

function define(error: Error, name: "name" | "stack", value: string): void {
  Object.defineProperty(error, name, { value, configurable: true, writable: true });
}
