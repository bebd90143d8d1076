/**
 * Small tools that the packages of this project share. None of them follows semantic versioning: a package that uses
 * them depends on the exact version.
 * @packageDocumentation
 */
export { isGone, isNotFound } from "./errors/call-errors.ts";
export { standInFor } from "./errors/carrel-error.ts";
export { backOffMs, parseRetryAfter } from "./kit/back-off.ts";
export { checkNumber, checkOneOf, checkText, shown } from "./kit/checks.ts";
export type { NumberRange } from "./kit/checks.ts";
export { findJsonMistake, parseJson } from "./kit/json.ts";
export type { JsonMistake } from "./kit/json.ts";
export { defined, isObject } from "./kit/objects.ts";
export type { Defined } from "./kit/objects.ts";
export { abortable, linked, LinkedAbort } from "./kit/signals.ts";
export { Slots } from "./kit/slots.ts";
export { longestMs, parseHttpDate, sleep, withinTime } from "./kit/time.ts";
export { createSecrets, redact } from "./redact.ts";
