import { mapMembers } from "@carrel/core/internal";
import type { Route } from "@carrel/core/internal";
import type { LocalizableMessage, WireStyle } from "@carrel/core";
import { VapiError, message } from "../model/vapi-error.ts";
import type { VersionTraits } from "../model/versions.ts";
import type { Answer } from "./answer.ts";
import { statusOfError } from "./error-status.ts";
import { isMembers } from "./check-model.ts";

const json = { "Content-Type": "application/json" };
const mapNames: ReadonlySet<string> = new Set(mapMembers);

/** The answer to an operation that went well. */
export function resultAnswer(style: WireStyle, route: Route, result: unknown): Answer {
  if (result === undefined) return { status: route.status, headers: {}, body: undefined };
  const body = style === "rest" ? { value: mapsToLists(result) } : result;
  return { status: route.status, headers: json, body: JSON.stringify(body) };
}

/** The answer to an operation that was refused. */
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

/** The answer to a URL that leads nowhere. */
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
  if (!isMembers(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      mapNames.has(name) && isMembers(member)
        ? Object.entries(member).map(([key, inner]) => ({ key, value: mapsToLists(inner) }))
        : mapsToLists(member),
    ]),
  );
}
