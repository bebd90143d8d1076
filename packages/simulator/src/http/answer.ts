import { isObject } from "@carrel/core/kit";
import { mapMembers } from "@carrel/core/operations";
import type { Route } from "@carrel/core/operations";
import type { LocalizableMessage, WireStyle, ErrorType } from "@carrel/core";
import { VapiError, message } from "../model/vapi-error.ts";
import type { VersionTraits } from "../model/versions.ts";

/** An answer before it is sent. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** JSON or other text; undefined: no body. */
  readonly body: string | undefined;
}

const json = { "Content-Type": "application/json" };
const mapNames: ReadonlySet<string> = new Set(mapMembers);

/** Makes the answer of an operation that succeeded. */
export function resultAnswer(style: WireStyle, route: Route, result: unknown): Answer {
  if (result === undefined) return { status: route.status, headers: {}, body: undefined };
  const body = style === "rest" ? { value: mapsToLists(result) } : result;
  return { status: route.status, headers: json, body: JSON.stringify(body) };
}

/** Makes the answer of an operation that was refused. */
export function errorAnswer(style: WireStyle, traits: VersionTraits, error: unknown): Answer {
  const refusal = error instanceof VapiError ? error : internalError(error);
  const messages = traits.errorTypes ? refusal.messages : refusal.messages.map(withoutParams);
  const body = { error_type: refusal.errorType, messages };
  const legacy = {
    type: `com.vmware.vapi.std.errors.${refusal.errorType.toLowerCase()}`,
    value: mapsToLists(traits.errorTypes ? body : { messages }),
  };
  return {
    status: statusOfError(refusal.errorType, style),
    headers: { ...json, ...refusal.headers },
    body: JSON.stringify(style === "rest" ? legacy : body),
  };
}

/** Makes the answer to an unknown URL. */
export function unknownUrlAnswer(style: WireStyle, traits: VersionTraits): Answer {
  if (style === "rest" && traits.camelCaseFrameworkErrors) {
    const body = {
      name: "com.vmware.vapi.rest.httpNotFound",
      localizableMessages: [{ defaultMessage: "Not found.", id: "com.vmware.vapi.rest.httpNotFound" }],
      majorErrorCode: 404,
    };
    return { status: 404, headers: json, body: JSON.stringify(body) };
  }
  return errorAnswer(
    style,
    traits,
    new VapiError("OPERATION_NOT_FOUND", [
      message("com.vmware.vapi.rest.operationsForUrlNotFound", "No operations were found for the URL and method."),
    ]),
  );
}

function internalError(error: unknown): VapiError {
  const text = error instanceof Error ? error.message : String(error);
  return new VapiError("INTERNAL_SERVER_ERROR", [message("com.vmware.vapi.rest.internalServerError", text)]);
}

function withoutParams({ id, default_message, args }: LocalizableMessage): LocalizableMessage {
  return { id, default_message, args };
}

/** The legacy style writes maps as arrays of key and value. */
function mapsToLists(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(mapsToLists);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      mapNames.has(name) && isObject(member)
        ? Object.entries(member).map(([key, inner]) => ({ key, value: mapsToLists(inner) }))
        : mapsToLists(member),
    ]),
  );
}

const inBoth: Partial<Record<ErrorType, number>> = {
  NOT_FOUND: 404,
  OPERATION_NOT_FOUND: 404,
  UNAUTHENTICATED: 401,
  UNAUTHORIZED: 403,
  INTERNAL_SERVER_ERROR: 500,
  SERVICE_UNAVAILABLE: 503,
};

const modern: Partial<Record<ErrorType, number>> = {
  CONCURRENT_CHANGE: 409,
  RESOURCE_BUSY: 500,
  RESOURCE_INACCESSIBLE: 500,
  UNABLE_TO_ALLOCATE_RESOURCE: 500,
  TIMED_OUT: 500,
  ERROR: 500,
};

const legacy: Partial<Record<ErrorType, number>> = { TIMED_OUT: 504 };

const typeByStatus: Readonly<Record<number, ErrorType>> = {
  400: "INVALID_ARGUMENT",
  401: "UNAUTHENTICATED",
  403: "UNAUTHORIZED",
  404: "NOT_FOUND",
  409: "CONCURRENT_CHANGE",
  429: "SERVICE_UNAVAILABLE",
  503: "SERVICE_UNAVAILABLE",
  504: "TIMED_OUT",
};

/** The HTTP status of an error type. The styles differ. */
function statusOfError(errorType: ErrorType, style: WireStyle): number {
  return inBoth[errorType] ?? (style === "api" ? modern : legacy)[errorType] ?? 400;
}

/** The error type that fits a status best. */
export function errorTypeOfStatus(status: number): ErrorType {
  return typeByStatus[status] ?? (status >= 500 ? "INTERNAL_SERVER_ERROR" : "ERROR");
}
