import type { CallInput, WireCodec } from "./codec.ts";
import { readFailure } from "./failure.ts";
import { asResult, parseAnswer } from "./json-result.ts";
import type { Route } from "./operation.ts";
import { bodyMembers, buildTarget } from "./target.ts";

/** The modern style: paths below `/api`, plain JSON, the client token in a header. */
export function apiCodec(clientTokenHeaders: readonly string[]): WireCodec {
  return {
    style: "api",
    encode(operation, call) {
      const route = operation.api;
      const body = encodeBody(route, call);
      const token = route.clientToken && call.clientToken;
      return {
        method: route.method,
        target: buildTarget(operation, route, "/api", "action", call),
        headers: {
          Accept: "application/json",
          ...(body === undefined ? {} : { "Content-Type": "application/json" }),
          ...(token ? Object.fromEntries(clientTokenHeaders.map((name) => [name, token])) : {}),
        },
        body,
      };
    },
    decode: (operation, answer) =>
      operation.result === "nothing" ? undefined : asResult(operation, answer, parseAnswer(operation, answer)),
    decodeFailure: (operation, answer) => readFailure(answer, operation.access === "login"),
  };
}

function encodeBody(route: Route, call: CallInput): string | undefined {
  if (route.body === "none" || call.input === undefined) return undefined;
  return JSON.stringify(bodyMembers(route, call.input));
}
