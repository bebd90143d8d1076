import { CarrelError, samlAuth, ServerError } from "@carrel/core";
import type { Interceptor } from "@carrel/core";
import { check, rejectionOf } from "./check.ts";
import { connect, withClient } from "./connect.ts";
import type { Scenario } from "./test-server.ts";

/** Aborts once the request is sent, where the context of the call asks for it. */
const abortOnSending: Interceptor = (request, next, { context }) => {
  const answer = next(request);
  if (typeof context["abort"] === "function") context["abort"]();
  return answer;
};

/** Where platforms differ: aborts, broken connections, redirects, compression. */
export const edges: readonly Scenario[] = [
  {
    name: "detects the wire style",
    run: (target) =>
      withClient(connect(target, "auto"), async (client) => {
        check((await client.wireStyle()) === "api", "the modern style is preferred");
      }),
  },
  {
    name: "rejects with the signal's own reason, before a call and in it",
    run: (target, wire) =>
      withClient(connect(target, wire, { interceptors: [abortOnSending] }), async (client) => {
        const reason = new Error("enough");
        const early = client.library.list({ signal: AbortSignal.abort(reason) });
        check((await rejectionOf(early, "an aborted call")) === reason, "the reason of an early abort comes through");
        const controller = new AbortController();
        const call = client.library.list({
          signal: controller.signal,
          context: { abort: () => controller.abort(reason) },
        });
        check(
          (await rejectionOf(call, "a call aborted in between")) === reason,
          "and so does the reason of a late one",
        );
        check((await client.library.list()).length > 0, "the client continues");
      }),
  },
  {
    name: "reports a server that cannot be reached",
    run: (target, wire) =>
      withClient(connect({ ...target, origin: target.deadOrigin }, wire, { retry: { limit: 0 } }), async (client) => {
        const error = await rejectionOf(client.library.list(), "a call to an address where nothing listens");
        check(error instanceof CarrelError && error.code === "TRANSPORT", `TRANSPORT, not ${String(error)}`);
        check(error.retryable && error.cause !== undefined, "it is retryable, and has its cause");
      }),
  },
  {
    name: "does not follow a redirect",
    run: async (target, wire) => {
      const origin = target.redirectingOrigin;
      await withClient(connect({ ...target, origin }, wire, { retry: { limit: 0 } }), async (client) => {
        const error = await rejectionOf(client.library.list(), "a redirected call");
        check(error instanceof CarrelError && error.code === "PROTOCOL", `PROTOCOL, not ${String(error)}`);
      });
      const followed = await (await fetch(`${origin}/followed`)).text();
      check(followed === "0", "no request was sent to the target of the redirect");
    },
  },
  {
    name: "compresses a SAML assertion, and reads a refusal",
    run: async (target, wire) => {
      const auth = samlAuth("<saml2:Assertion>of a stranger</saml2:Assertion>");
      await withClient(connect(target, wire, { auth }), async (client) => {
        const refused = await rejectionOf(client.library.list(), "a login by an unknown assertion");
        check(refused instanceof ServerError && refused.code === "AUTH", `AUTH, not ${String(refused)}`);
      });
    },
  },
];
