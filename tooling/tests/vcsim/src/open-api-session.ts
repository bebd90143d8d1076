import type { IncomingMessage, OutgoingHttpHeaders } from "node:http";
import { textOf, sendPinned } from "./https-request.ts";
import type { Vcsim, VcsimExchange } from "./vcsim.ts";

/** What to send besides the session. */
export interface ApiRequest {
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Iterable<Uint8Array>;
}

/** A login to vcsim. Disposal logs out. */
export interface ApiSession extends AsyncDisposable {
  /**
   * One call in the legacy style; the path starts below `/rest/com/vmware`. Resolves with the unwrapped result and
   * throws on any status but 200.
   */
  call(method: string, path: string, body?: object): Promise<unknown>;
  /** One raw request, to a path or to a transfer URL. The caller reads the answer. */
  send(method: string, url: string, request?: ApiRequest): Promise<IncomingMessage>;
}

const sessionHeader = "vmware-api-session-id";
const loginPath = "/rest/com/vmware/cis/session";

function unwrap(what: string, status: number | undefined, text: string): unknown {
  if (status !== 200) throw new Error(`vcsim answered ${what} with ${status}: ${text.trim() || "(no text)"}`);
  return text === "" ? undefined : (JSON.parse(text) as { value?: unknown }).value;
}

/**
 * Logs in with plain HTTPS requests, pinned to vcsim's certificate. Nothing here shares code with Carrel: what the
 * tests learn this way does not come from the client under test.
 */
export async function openApiSession(vcsim: Vcsim): Promise<ApiSession> {
  const { certificate } = vcsim;
  const authorization = `Basic ${Buffer.from(`${vcsim.user}:${vcsim.password}`).toString("base64")}`;
  const login = await sendPinned(new URL(loginPath, vcsim.url), {
    certificate,
    method: "POST",
    headers: { authorization, "vmware-use-header-authn": "true" },
  });
  const id = unwrap("the login", login.statusCode, await textOf(login)) as string;

  const send: ApiSession["send"] = (method, url, { headers, ...rest } = {}) =>
    sendPinned(new URL(url, vcsim.url), { certificate, method, headers: { [sessionHeader]: id, ...headers }, ...rest });
  const call: ApiSession["call"] = async (method, path, body) => {
    const json =
      body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
    const answer = await send(method, `/rest/com/vmware${path}`, json);
    return unwrap(`${method} ${path}`, answer.statusCode, await textOf(answer));
  };
  return {
    call,
    send,
    async [Symbol.asyncDispose]() {
      await call("DELETE", "/cis/session");
    },
  };
}

const path = "/rest/com/vmware/cis/session";

/** Counts the logins in vcsim's journal that were not followed by a logout. */
export function countApiSessions(journal: readonly VcsimExchange[]): number {
  const done = journal.filter(({ uri, status }) => uri === path && status === 200);
  const logins = done.filter(({ method }) => method === "POST").length;
  return logins - done.filter(({ method }) => method === "DELETE").length;
}

/** Asks vcsim which download sessions it still holds. Each one is somebody's that was not deleted. */
export async function listDownloadSessions(vcsim: Vcsim): Promise<readonly string[]> {
  await using session = await openApiSession(vcsim);
  const ids = await session.call("GET", "/content/library/item/download-session");
  return (ids as readonly string[] | null) ?? [];
}
