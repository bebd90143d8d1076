import { ServerError } from "../errors/call-errors.ts";
import type { AuthProvider } from "./auth-provider.ts";

/**
 * Uses an API session that already exists, and never ends it. When the server refuses it, that is final.
 *
 * Cost on the wire: nothing.
 *
 * @throws TypeError where the API session id is empty.
 *
 * @example
 * ```ts
 * import { createClient, tokenAuth } from "@carrel/core";
 *
 * function clientOfSession(sessionId: string) {
 *   return createClient({ endpoint: "https://vc.example.test", auth: tokenAuth(sessionId) });
 * }
 * ```
 */
export function tokenAuth(token: string): AuthProvider {
  if (token === "") throw new TypeError("tokenAuth: token must not be empty");
  return {
    async login(_exchange, rejected) {
      if (rejected === undefined) return token;
      throw new ServerError("session", { status: 401, errorType: "UNAUTHENTICATED", messages: [overMessage] });
    },
    async logout() {},
  };
}

const overMessage = {
  id: "carrel.token_auth.over",
  default_message: "The API session that the client was given has ended",
  args: [],
};
