import { createClient, passwordAuth } from "../../src/index.ts";
import type { CarrelClient, ClientOptions } from "../../src/index.ts";
import type { WireStyle } from "../../src/wire/codec.ts";
import type { Received, Scripted } from "./scripted-server.ts";

const credentials = { username: "reader@vsphere.local", password: "correct horse" };

/** A client with short retries. */
export function testClient(endpoint: string, options: Partial<ClientOptions> = {}): CarrelClient {
  return createClient({
    endpoint,
    auth: passwordAuth(credentials),
    wire: "api",
    retry: { baseDelayMs: 1 },
    ...options,
  });
}

export const bothStyles: readonly WireStyle[] = ["api", "rest"];

/** Whether a request is the login or the logout of either style. */
export function isSessionRequest(request: Received): boolean {
  return request.target === "/api/session" || request.target === "/rest/com/vmware/cis/session";
}

/** Answers login and logout; anything else is left to the test. */
export function withLogin(
  answer: (request: Received, index: number) => Scripted,
): (request: Received, index: number) => Scripted {
  let others = 0;
  return (request) => {
    if (!isSessionRequest(request)) return answer(request, others++);
    const legacy = request.target.startsWith("/rest");
    if (request.method === "DELETE") return { status: legacy ? 200 : 204 };
    return legacy
      ? { status: 200, body: { value: "token-1" } }
      : { status: 201, body: '"token-1"', headers: { "content-type": "application/json" } };
  };
}
