import { isObject } from "../kit/objects.ts";
import type { CallInput, WireCodec } from "./codec.ts";
import { readFailure } from "./failure.ts";
import { asResult, notTheProtocol, parseAnswer } from "./json-result.ts";
import { normalizeMaps } from "./map-members.ts";
import type { Route } from "./operation.ts";
import { bodyMembers, buildTarget } from "./target.ts";

/**
 * The legacy style: paths below `/rest`, results in `{"value": ...}`, parameters as named members, `id:` before
 * identifiers.
 */
export const restCodec: WireCodec = {
  style: "rest",
  encode(operation, call) {
    const route = operation.rest;
    const body = encodeBody(route, call);
    return {
      method: route.method,
      target: buildTarget(operation, route, "/rest", "~action", call),
      headers: {
        Accept: "application/json",
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        // With this header the server sets no cookie.
        ...(operation.access === "login" ? { "vmware-use-header-authn": "true" } : {}),
      },
      body,
    };
  },
  decode(operation, answer) {
    if (operation.result === "nothing") return undefined;
    const json = parseAnswer(operation, answer);
    if (!isObject(json) || !("value" in json)) throw notTheProtocol(operation, answer, 'has no member "value"');
    return asResult(operation, answer, normalizeMaps(json["value"]));
  },
  decodeFailure: (operation, answer) => readFailure(answer, operation.access === "login"),
};

function encodeBody(route: Route, call: CallInput): string | undefined {
  if (route.body === "none") return undefined;
  const members = bodyMembers(route, call.input);
  if (route.body === "members") return call.input === undefined ? undefined : JSON.stringify(members);
  const token = route.clientToken && call.clientToken ? { client_token: call.clientToken } : {};
  return JSON.stringify({ ...token, [route.body.wrapper]: members });
}
