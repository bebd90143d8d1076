import type { ErrorType, LocalizableMessage } from "@carrel/core";

/** A refusal of the server. Becomes an error answer in the style of the request. */
export class VapiError extends Error {
  readonly errorType: ErrorType;
  readonly messages: readonly LocalizableMessage[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    errorType: ErrorType,
    messages: readonly LocalizableMessage[],
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(messages[0]?.default_message ?? errorType);
    this.name = "VapiError";
    this.errorType = errorType;
    this.messages = messages;
    this.headers = headers;
  }
}

/** Makes a message of the server. The arguments have names, and keep their order. */
export function message(id: string, text: string, params: Readonly<Record<string, string>> = {}): LocalizableMessage {
  const entries = Object.entries(params);
  return {
    id,
    default_message: text,
    args: entries.map(([, value]) => value),
    ...(entries.length > 0 ? { params: Object.fromEntries(entries.map(([name, value]) => [name, { s: value }])) } : {}),
  };
}

const prefix = "com.vmware.vdcs.cls-main";

/** The requested object does not exist. */
export function notFound(what: string, id: string): VapiError {
  return new VapiError("NOT_FOUND", [
    message(`${prefix}.not_found`, `The ${what} with id ${id} does not exist.`, { id }),
  ]);
}

/** An argument has a value that the operation does not accept. */
export function invalidArgument(text: string, params: Readonly<Record<string, string>> = {}): VapiError {
  return new VapiError("INVALID_ARGUMENT", [message(`${prefix}.invalid_argument`, text, params)]);
}

/** The operation is not allowed in the state of the object. */
export function notAllowed(text: string, params: Readonly<Record<string, string>> = {}): VapiError {
  return new VapiError("NOT_ALLOWED_IN_CURRENT_STATE", [
    message(`${prefix}.not_allowed_in_current_state`, text, params),
  ]);
}

/** The operation is for objects of another type. */
export function invalidElementType(text: string): VapiError {
  return new VapiError("INVALID_ELEMENT_TYPE", [message(`${prefix}.invalid_element_type`, text)]);
}

/** The API session is missing, unknown or expired, or the login was refused. */
export function unauthenticated(): VapiError {
  return new VapiError("UNAUTHENTICATED", [
    message("com.vmware.vapi.endpoint.method.authentication.required", "Authentication required."),
  ]);
}

/** Refusals before any operation: of requests that do not match the specification. */
export const framework = {
  unsupportedProperty: (name: string): VapiError =>
    invalid("unsupportedProperty", `Unsupported property with name: ${name}`, { name }),
  repeatedParameter: (name: string): VapiError =>
    invalid("repeatedParameter", `The parameter ${name} occurs more than once.`, { name }),
  missingMember: (name: string): VapiError =>
    invalid("missingProperty", `The required property ${name} is missing.`, { name }),
  wrongType: (name: string, expected: string): VapiError =>
    invalid("invalidProperty", `The property ${name} must be ${expected}.`, { name }),
  badJson: (): VapiError => invalid("invalidJson", "The request body is not valid JSON."),
  badPath: (): VapiError => invalid("invalidUrl", "The URL is not correctly escaped."),
  bodyTooLarge: (): VapiError => invalid("requestTooLarge", "The request body is too large."),
};

function invalid(id: string, text: string, params?: Readonly<Record<string, string>>): VapiError {
  return new VapiError("INVALID_ARGUMENT", [message(`com.vmware.vapi.rest.${id}`, text, params)]);
}
