import process from "node:process";
import { Readable } from "node:stream";
import { createClient, tokenAuth } from "@carrel/core";
import type { AuthProvider, CarrelClient } from "@carrel/core";
import { defined, redact } from "@carrel/core/kit";
import type { TlsOptions } from "@carrel/node-stream";
import { openConnections, requestEndpoint } from "@carrel/node-stream/tls";
import { findCall } from "./allowed-calls.ts";
import type { AllowedCall } from "./allowed-calls.ts";
import { PageLogins } from "./page-logins.ts";
import { TransferPaths } from "./transfer-paths.ts";

/** Options of {@link createRelay}. Those of connections are about the one to the vCenter. */
export interface RelayOptions extends TlsOptions {
  /** The vCenter: a host, or the URL of one, of which only the origin counts. */
  readonly endpoint: string | URL;
  /** The path that the relay answers below, such as `/vc/lab`: the `endpoint` of clients on the page. */
  readonly path: string;
  /**
   * The login of the relay itself, which all pages then share. Everyone whose requests reach the relay acts as this
   * user, so let only those through who may.
   * @defaultValue none: each page logs in by itself, and the relay keeps its session id
   */
  readonly auth?: AuthProvider;
  /**
   * Host names, without a port, that the site is reached by. Requests with another `Host` are refused, so that no page
   * reaches the relay through a name that its owner made resolve to this machine.
   * @defaultValue `["localhost", "127.0.0.1", "[::1]"]`
   */
  readonly hosts?: readonly string[];
  /**
   * Called when there was no answer from the vCenter, with the reason, which contains no secret. The page learns only
   * that there was none.
   * @defaultValue emits a warning of the process
   */
  readonly onError?: (error: Error) => void;
}

const longestBodyBytes = 1024 ** 2;
const longestAnswerBytes = 16 * 1024 ** 2;
const answerTimeoutMs = 60_000;
const endings: ReadonlySet<string> = new Set(["downloadSession.delete", "downloadSession.cancel", "session.delete"]);
/** What pages get in place of a session id; also the owner of transfers where the login is the relay's own. */
const kept = "kept-by-the-relay";
const sessionHeader = "vmware-api-session-id";
const toServer = ["accept", "client-token", "client_token", "content-type", "vmware-use-header-authn"];
const toPage = ["date", "retry-after"];
const toReader = ["accept-ranges", "content-length", "content-range", "date", "etag", "last-modified"];
/** Answers and files are the work of others, on the page's own origin: no browser may run one of them. */
const safe = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; sandbox",
  "x-content-type-options": "nosniff",
};

const withoutBody = new Set([204, 205, 304]);

/** The relay, for requests as Fetch has them. */
export class VcenterRelay {
  readonly #path: string;
  readonly #hosts: readonly string[];
  readonly #onError: (error: Error) => void;
  readonly #connections: ReturnType<typeof openConnections>;
  readonly #client: CarrelClient;
  readonly #hasLogin: boolean;
  readonly #transfers: TransferPaths;
  readonly #logins: PageLogins;

  constructor(options: RelayOptions) {
    const { path, endpoint, auth, hosts = ["localhost", "127.0.0.1", "[::1]"], onError } = options;
    if (!/^(?:\/[\w.~-]+)+$/u.test(path)) throw new TypeError(`path must be a path such as /vc/lab: got ${path}`);
    const bare = String(endpoint).replace(/^(\w+:\/\/)?([^/?#]*).*$/su, "$1$2");
    this.#path = path;
    this.#hosts = hosts.map((host) => host.toLowerCase());
    this.#onError = onError ?? ((error) => process.emitWarning(error.message, "CarrelRelayWarning"));
    this.#connections = openConnections(options);
    this.#client = createClient({ endpoint: bare, auth: auth ?? tokenAuth(kept), fetch: this.#connections.fetch });
    this.#hasLogin = auth !== undefined;
    this.#transfers = new TransferPaths(`${path}/transfer`);
    this.#logins = new PageLogins(path, (login) => this.#transfers.forget(login));
  }

  /** Answers a request. Never rejects. */
  async answer(request: Request): Promise<Response> {
    try {
      const { pathname, searchParams } = new URL(request.url);
      const foreign = this.#refuseForeign(request);
      if (foreign) return foreign;
      if (pathname.startsWith(`${this.#path}/transfer/`)) return await this.#transfer(request, pathname);
      const isBelow = pathname.startsWith(`${this.#path}/`);
      const call = isBelow && findCall(request.method, pathname.slice(this.#path.length), searchParams);
      if (!call) return refusal(404, "The relay does not let this request through");
      const login = this.#loginOf(request);
      if (login === undefined) return await this.#call(request, call);
      const isLogout = call.operation.id === "session.delete";
      return await this.#logins.inTurn(login, isLogout, () => this.#call(request, call));
    } catch (error) {
      if (!request.signal.aborted) this.#onError(new Error(redact(reasonOf(error))));
      return refusal(502, "The relay has no answer from the vCenter");
    }
  }

  /** Refuses what no page of this site has sent: DNS rebinding by the `Host`, requests of other sites by their `Origin`. */
  #refuseForeign({ headers, method, url }: Request): Response | undefined {
    const host = headers.get("host") ?? new URL(url).host;
    const name = URL.parse(`http://${host}`)?.hostname;
    if (name === undefined || !this.#hosts.includes(name)) return refusal(421, "The relay does not know this host");
    const origin = headers.get("origin");
    const site = headers.get("sec-fetch-site");
    // Browsers send an Origin with all but GET and HEAD, and from https or 127.0.0.1 also say which site a GET is from.
    const isOwn = origin === null ? method === "GET" || method === "HEAD" : URL.parse(origin)?.host === host;
    if (isOwn && (site === null || site === "same-origin" || site === "none")) return undefined;
    return refusal(403, "The relay answers pages of its own origin only");
  }

  async #call(request: Request, call: AllowedCall): Promise<Response> {
    const { id } = call.operation;
    if (this.#hasLogin && (id === "session.create" || id === "session.delete")) {
      return this.#keptSession(call);
    }
    const body = await readBounded(request.body, longestBodyBytes);
    if (body === undefined) return refusal(413, "The relay takes requests of 1 MiB at most");
    const login = this.#loginOf(request);
    const timeout = AbortSignal.timeout(answerTimeoutMs);
    // What a page ends when it is closed is ended although nobody waits for the answer.
    const signal = endings.has(id) ? timeout : AbortSignal.any([request.signal, timeout]);
    const names = id === "session.create" ? [...toServer, "authorization"] : toServer;
    const send = async (token: string | undefined): Promise<Response> =>
      this.#connections.fetch(this.#client.origin + call.target, {
        method: request.method,
        headers: { ...pick(request.headers, names), ...defined({ [sessionHeader]: token }) },
        redirect: "manual",
        signal,
        ...(body.length > 0 && { body }),
      });
    const token = call.operation.access === "session" ? await this.#tokenOf(login, signal) : undefined;
    let answer = await send(token);
    if (answer.status === 401 && this.#hasLogin && token !== undefined) {
      await answer.body?.cancel();
      answer = await send(await this.#client.sessionToken({ signal, rejected: token }));
    }
    const bytes = await readBounded(answer.body, longestAnswerBytes);
    if (bytes === undefined || (answer.status >= 300 && answer.status < 400)) {
      await answer.body?.cancel();
      return refusal(502, "The relay does not pass on redirects, and no answers beyond 16 MiB");
    }
    return this.#passBack(request, call, answer, new TextDecoder().decode(bytes));
  }

  /** Answers with what the page may see. */
  #passBack(request: Request, call: AllowedCall, answer: Response, text: string): Response {
    const { access, id } = call.operation;
    const login = access === "session" ? this.#loginOf(request) : undefined;
    const isJson = /^application\/(?:[\w.-]+\+)?json\b/iu.test(answer.headers.get("content-type") ?? "");
    const headers = new Headers({
      ...safe,
      ...pick(answer.headers, toPage),
      "content-type": isJson ? "application/json" : "text/plain; charset=utf-8",
    });
    let shown = text;
    if (answer.ok && id === "session.create") {
      const token = JSON.parse(text) as string | { readonly value: string };
      headers.set("set-cookie", this.#logins.keep(typeof token === "string" ? token : token.value, request));
      shown = JSON.stringify(typeof token === "string" ? kept : { value: kept });
    } else if (answer.ok && isJson) {
      shown = this.#transfers.hide(text, login ?? kept);
    }
    if (login !== undefined && (answer.status === 401 || (answer.ok && id === "session.delete")))
      this.#logins.forget(login);
    return new Response(withoutBody.has(answer.status) ? null : shown, { status: answer.status, headers });
  }

  async #transfer(request: Request, path: string): Promise<Response> {
    if (request.method !== "GET" && request.method !== "HEAD") return refusal(405, "A transfer is a GET or a HEAD");
    const login = this.#loginOf(request);
    const seen = this.#transfers.find(path, login ?? kept);
    if (!seen) return refusal(404, "The relay does not know this transfer");
    const answer = await requestEndpoint(seen.endpoint, {
      pool: this.#connections.pool,
      clientOrigin: this.#client.origin,
      fileName: seen.fileName,
      method: request.method,
      headers: { accept: "*/*", "accept-encoding": "identity", ...pick(request.headers, ["range", "if-range"]) },
      token: await this.#tokenOf(login, request.signal),
      signal: request.signal,
    });
    const { statusCode: status } = answer;
    if (status !== 200 && status !== 206) {
      answer.body.on("error", () => undefined).destroy();
      const isRedirect = status < 400;
      return refusal(isRedirect ? 502 : status, `The vCenter answered the transfer with status ${status}`);
    }
    const headers = new Headers({ ...safe, "content-type": "application/octet-stream" });
    for (const name of toReader) {
      const value = answer.headers[name];
      if (typeof value === "string") headers.set(name, value);
    }
    headers.set("content-disposition", `attachment; filename*=UTF-8''${encodeName(seen.fileName)}`);
    if (request.method !== "HEAD") return new Response(toWeb(answer.body), { status, headers });
    answer.body.on("error", () => undefined).resume();
    return new Response(null, { status, headers });
  }

  /** Answers a login or logout of a page where the login is the relay's own. */
  #keptSession({ operation, style, route: { status } }: AllowedCall): Response {
    if (operation.id === "session.delete") return new Response(null, { status, headers: safe });
    return Response.json(style === "api" ? kept : { value: kept }, { status, headers: safe });
  }

  #loginOf(request: Request): string | undefined {
    return this.#hasLogin ? undefined : this.#logins.of(request);
  }

  async #tokenOf(login: string | undefined, signal: AbortSignal): Promise<string | undefined> {
    if (this.#hasLogin) return this.#client.sessionToken({ signal });
    return login === undefined ? undefined : this.#logins.token(login);
  }

  async close(): Promise<void> {
    await this.#client.close();
    await Promise.all([this.#connections.fetch.close(), this.#connections.pool.close()]);
  }
}

/** The message of the first cause: what Fetch says of a failure is only that there is one. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message;
}

function refusal(status: number, why: string): Response {
  return new Response(why, { status, headers: { ...safe, "content-type": "text/plain; charset=utf-8" } });
}

function pick(headers: Headers, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (headers.has(name) ? [[name, headers.get(name) ?? ""]] : [])));
}

/** Reads a body; undefined where it is longer than the limit, and then the rest is left unread. */
async function readBounded(
  body: ReadableStream | null,
  limitBytes: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const chunks: Uint8Array[] = [];
  const reader = (body as ReadableStream<Uint8Array> | null)?.getReader();
  for (let length = 0; ;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
    if (done) return new Uint8Array(Buffer.concat(chunks));
    chunks.push(value);
    length += value.length;
    if (length <= limitBytes) continue;
    reader?.releaseLock();
    return undefined;
  }
}

function toWeb(stream: Readable): ReadableStream<Uint8Array> {
  // Without a strategy of bytes some versions of Node count chunks, and read far ahead.
  const strategy = new ByteLengthQueuingStrategy({ highWaterMark: 65_536 });
  return Readable.toWeb(stream, { strategy }) as ReadableStream<Uint8Array>;
}

/** A file name as a header may have it (RFC 8187). */
function encodeName(name: string): string {
  const escape = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(name.toWellFormed()).replaceAll(/['()*]/gu, escape);
}
