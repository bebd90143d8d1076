import type { ServerFailure } from "../errors/server-error.ts";
import type { ErrorType, LocalizableMessage } from "../gen/models.gen.ts";
import { redact } from "../redact.ts";
import type { WireAnswer } from "./codec.ts";
import { isObject, listToMap } from "./map-members.ts";

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

/** Statuses that proxies answer with a page of their own while the server behind them is away. */
const pageStatuses: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/**
 * Reads an unsuccessful answer in any of the shapes that servers use: the modern one, the legacy one with or without
 * `error_type`, the older camelCase one and mixtures of both, plain text, nothing at all.
 * Undefined where it is none of these: a page, or a JSON of something else.
 */
export function readFailure(answer: WireAnswer): ServerFailure | undefined {
  const { status, text } = answer;
  const plain = text.trim();
  if (plain === "") return failure(status, typeOfStatus(status), []);
  const json = tryJson(plain);
  if (isObject(json)) return readJson(status, json);
  if (json !== undefined || isPage(answer))
    return pageStatuses.has(status) ? failure(status, typeOfStatus(status), []) : undefined;
  return failure(status, typeOfStatus(status), [textMessage(plain)]);
}

function readJson(status: number, json: Readonly<Record<string, unknown>>): ServerFailure | undefined {
  const value = isObject(json["value"]) ? json["value"] : json;
  const messages = value["messages"] ?? json["messages"] ?? value["localizableMessages"] ?? json["localizableMessages"];
  const type = errorType(value["error_type"] ?? json["error_type"] ?? json["type"] ?? json["name"]);
  if (type === undefined && !Array.isArray(messages))
    return pageStatuses.has(status) ? failure(status, typeOfStatus(status), []) : undefined;
  return {
    ...failure(status, type ?? typeOfStatus(status), Array.isArray(messages) ? messages.map(readMessage) : []),
    ...(value["data"] === undefined ? {} : { data: value["data"] }),
    ...(typeof value["challenge"] === "string" ? { challenge: value["challenge"] } : {}),
  };
}

/** `NOT_FOUND` from `NOT_FOUND`, `com.vmware.vapi.std.errors.not_found` or `com.vmware.vapi.rest.httpNotFound`. */
function errorType(name: unknown): ErrorType | undefined {
  if (typeof name !== "string" || name === "") return undefined;
  const last = name.slice(name.lastIndexOf(".") + 1).replace(/^http(?=[A-Z])/, "");
  return last.replace(/([a-z])([A-Z])/g, "$1_$2").toUpperCase() as ErrorType;
}

function readMessage(message: unknown): LocalizableMessage {
  if (!isObject(message)) return textMessage(textOf(message));
  const { params, localized } = message;
  return {
    id: textOf(message["id"]),
    default_message: redact(textOf(message["default_message"] ?? message["defaultMessage"])),
    args: Array.isArray(message["args"]) ? message["args"].map((argument) => redact(textOf(argument))) : [],
    ...(params === undefined ? {} : { params: listToMap(params) as NonNullable<LocalizableMessage["params"]> }),
    ...(typeof localized === "string" ? { localized: redact(localized) } : {}),
  };
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return value === undefined || value === null ? "" : JSON.stringify(value);
}

function textMessage(text: string): LocalizableMessage {
  return { id: "", default_message: redact(text).slice(0, 500), args: [] };
}

function failure(status: number, type: ErrorType, messages: readonly LocalizableMessage[]): ServerFailure {
  return { status, errorType: type, messages };
}

function typeOfStatus(status: number): ErrorType {
  return byStatus[status] ?? (status >= 500 ? "INTERNAL_SERVER_ERROR" : "ERROR");
}

function isPage(answer: WireAnswer): boolean {
  return /\b(html|xml)\b/i.test(answer.contentType) || answer.text.trimStart().startsWith("<");
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
