import type { ServerFailure } from "../errors/call-errors.ts";
import type { ErrorType, LocalizableMessage } from "../gen/models.gen.ts";
import { defined, isObject } from "../kit/objects.ts";
import { redact, redactDeep } from "../redact.ts";
import type { WireAnswer } from "./codec.ts";
import { tryJson } from "./json.ts";
import { listToMap } from "./map-members.ts";

const byStatus: Readonly<Record<number, ErrorType>> = {
  400: "INVALID_REQUEST",
  401: "UNAUTHENTICATED",
  403: "UNAUTHORIZED",
  404: "NOT_FOUND",
  409: "CONCURRENT_CHANGE",
  429: "SERVICE_UNAVAILABLE",
  500: "INTERNAL_SERVER_ERROR",
  502: "SERVICE_UNAVAILABLE",
  503: "SERVICE_UNAVAILABLE",
  504: "TIMED_OUT",
};

/**
 * The longest text of a message, and the largest number of messages, that are kept of an answer, which may be 1 MiB
 * long.
 */
const longestText = 2_000;
const mostMessages = 50;

/**
 * Reads an unsuccessful answer in any of the shapes that servers use: the modern one, the legacy one with or without
 * `error_type`, the older camelCase one and mixtures of both, plain text, or an empty body. A page or other JSON counts
 * as the answer of a proxy whose server is down, if its status says so. Returns undefined for anything else.
 *
 * @param isLogin - Whether it answers a login. Plain text is then not kept, because it may contain the id of the new
 * session.
 */
export function readFailure(answer: WireAnswer, isLogin = false): ServerFailure | undefined {
  const { status, text } = answer;
  const plain = text.trim();
  if (plain === "") return failure(status, typeOfStatus(status), []);
  const json = tryJson(plain);
  if (isObject(json)) return readJson(status, json);
  if (json !== undefined || isPage(answer)) return readPage(status);
  return failure(status, typeOfStatus(status), isLogin ? [] : [textMessage(plain)]);
}

function readJson(status: number, json: Readonly<Record<string, unknown>>): ServerFailure | undefined {
  const value = isObject(json["value"]) ? json["value"] : json;
  const messages = value["messages"] ?? json["messages"] ?? value["localizableMessages"] ?? json["localizableMessages"];
  const type =
    errorType(value["error_type"]) ??
    errorType(json["error_type"]) ??
    qualifiedType(json["type"]) ??
    qualifiedType(json["name"]);
  if (type === undefined && !Array.isArray(messages)) return readPage(status);
  const read = Array.isArray(messages) ? messages.slice(0, mostMessages).map(readMessage) : [];
  const { data, challenge } = value;
  return {
    ...failure(status, type ?? typeOfStatus(status), read),
    ...defined({ data: data ?? undefined, challenge: typeof challenge === "string" ? challenge : undefined }),
  };
}

function readPage(status: number): ServerFailure | undefined {
  if (status !== 429 && status < 500) return undefined;
  return failure(status, status === 504 ? "TIMED_OUT" : "SERVICE_UNAVAILABLE", []);
}

/** Only the vendor's names count: an item has a `type` and a `name` too, and `debian.iso` is not an error. */
function qualifiedType(name: unknown): ErrorType | undefined {
  return typeof name === "string" && name.startsWith("com.vmware.vapi.") ? errorType(name) : undefined;
}

/** `NOT_FOUND` from `NOT_FOUND`, `com.vmware.vapi.std.errors.not_found` or `com.vmware.vapi.rest.httpNotFound`. */
function errorType(name: unknown): ErrorType | undefined {
  if (typeof name !== "string") return undefined;
  const last = redact(name.slice(name.lastIndexOf(".") + 1)).replace(/^http(?=[A-Z])/u, "");
  if (!/^[A-Za-z_]{1,64}$/u.test(last)) return undefined;
  return last.replace(/([a-z])([A-Z])/gu, "$1_$2").toUpperCase() as ErrorType;
}

/** Reads a message of the server in any of its shapes, and removes the secrets from it. */
export function readMessage(message: unknown): LocalizableMessage {
  if (!isObject(message)) return textMessage(textOf(message));
  const { args, params, localized } = message;
  return {
    id: shorten(textOf(message["id"])),
    default_message: shorten(textOf(message["default_message"] ?? message["defaultMessage"])),
    args: Array.isArray(args) ? args.slice(0, mostMessages).map((argument) => shorten(textOf(argument))) : [],
    ...defined({
      params:
        params === undefined || params === null
          ? undefined
          : (redactDeep(listToMap(params)) as NonNullable<LocalizableMessage["params"]>),
      localized: typeof localized === "string" ? shorten(localized) : undefined,
    }),
  };
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return value === undefined || value === null ? "" : JSON.stringify(value);
}

function textMessage(text: string): LocalizableMessage {
  return { id: "", default_message: shorten(text), args: [] };
}

/** Redacts before it shortens, because a secret that is cut in half would not be found. */
function shorten(text: string): string {
  return redact(text).slice(0, longestText);
}

function failure(status: number, type: ErrorType, messages: readonly LocalizableMessage[]): ServerFailure {
  return { status, errorType: type, messages };
}

function typeOfStatus(status: number): ErrorType {
  return byStatus[status] ?? (status >= 500 ? "INTERNAL_SERVER_ERROR" : "ERROR");
}

function isPage(answer: WireAnswer): boolean {
  return /\b(html|xml)\b/iu.test(answer.contentType) || answer.text.trimStart().startsWith("<");
}
