import { redact } from "../redact.ts";
import { isBranded } from "./brand.ts";

/** Members of system errors that hold nothing but facts. */
const facts = ["code", "errno", "syscall", "address", "port", "hostname", "path", "dest"] as const;
const deepest = 8;

/**
 * What led to an error, as it may be shown. An error of Carrel is that already. Of any other there is a copy: name,
 * message, stack, code and causes, for what else hangs on it may be a request with its headers, or an answer's bytes.
 */
export function cleanCause(cause: unknown, depth = 0): unknown {
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
  // It may be anything: the error is not of our making.
  define(copy, "name", redact(textOf(cause.name)));
  define(copy, "stack", typeof stack === "string" ? redact(stack) : copy.message);
  for (const name of facts) {
    const value: unknown = Reflect.get(cause, name);
    if (typeof value === "string") Object.assign(copy, { [name]: redact(value) });
    else if (typeof value === "number") Object.assign(copy, { [name]: value });
  }
  return copy;
}

/** Whether a value is an error. Not by `instanceof`: it may come from another realm, as it does under some test runners. */
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
