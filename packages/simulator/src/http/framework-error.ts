import { VapiError, message } from "../model/vapi-error.ts";

/** Refusals that come before any operation: of what is not in the specification. */
export const framework = {
  unsupportedProperty: (name: string): VapiError =>
    invalid("unsupportedProperty", `Unsupported property with name: ${name}`, { name }),
  repeatedParameter: (name: string): VapiError =>
    invalid("repeatedParameter", `The parameter ${name} is given more than once.`, { name }),
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
