import type { AuthProvider } from "./auth-provider.ts";
import { encodeBase64 } from "../kit/platform.ts";

/** A user name, such as `administrator@vsphere.local`, and password of the vCenter's single sign-on. */
export interface PasswordCredentials {
  readonly username: string;
  readonly password: string;
}

/**
 * Logs in with a user name and password, and logs out when the client closes.
 *
 * Cost on the wire: one request to log in, one to log out.
 *
 * @param credentials - The credentials, or a function that returns them and is called before each login.
 *
 * @example
 * ```ts
 * import { createClient, passwordAuth } from "@carrel/core";
 *
 * const client = createClient({
 *   endpoint: "https://vc.example.test",
 *   auth: passwordAuth({ username: "reader@vsphere.local", password: "correct horse" }),
 * });
 * ```
 */
export function passwordAuth(
  credentials: PasswordCredentials | (() => PasswordCredentials | Promise<PasswordCredentials>),
): AuthProvider {
  return {
    async login(exchange) {
      const { username, password } = typeof credentials === "function" ? await credentials() : credentials;
      return exchange.create(`Basic ${encodeBase64(new TextEncoder().encode(`${username}:${password}`))}`);
    },
    logout: (exchange, token) => exchange.delete(token),
  };
}
