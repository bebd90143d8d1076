import type { AuthProvider } from "./auth-provider.ts";
import { encodeBase64 } from "../kit/platform.ts";

/**
 * Logs in with a SAML bearer assertion of the vCenter's single sign-on, and logs out when the client closes.
 * Holder-of-key assertions, which require a signature at each login, are not supported.
 *
 * Cost on the wire: one request to log in, one to log out.
 *
 * @param assertion - The assertion as XML, or a function that returns a fresh one and is called before each login.
 * @throws TypeError at the login, where it is a holder-of-key assertion.
 *
 * @example
 * ```ts
 * import { createClient, samlAuth } from "@carrel/core";
 *
 * function clientOfAssertion(fetchAssertion: () => Promise<string>) {
 *   return createClient({ endpoint: "https://vc.example.test", auth: samlAuth(fetchAssertion) });
 * }
 * ```
 */
export function samlAuth(assertion: string | (() => string | Promise<string>)): AuthProvider {
  return {
    async login(exchange) {
      const xml = typeof assertion === "function" ? await assertion() : assertion;
      if (/holder-of-key/iu.test(xml)) {
        throw new TypeError("samlAuth: the assertion must be a bearer assertion: got a holder-of-key one");
      }
      return exchange.create(`SIGN token="${encodeBase64(await gzip(new TextEncoder().encode(xml)))}"`, [xml]);
    },
    logout: (exchange, token) => exchange.delete(token),
  };
}

async function gzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
