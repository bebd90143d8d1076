// By its file, as in create-dispatcher.ts: Bun gives something of its own for "undici".
import { fetch as undiciFetch } from "undici/index.js";
import { ConnectionPool } from "../tls/connection-pool.ts";
import { pinByThumbprint } from "../tls/certificate.ts";
import type { TlsOptions } from "../tls/tls-options.ts";

/** Options of {@link createNodeFetch}. */
export type NodeFetchOptions = TlsOptions;

/** A WHATWG fetch with its own connections. `close` ends them, as `await using` does at the end of its block. */
export type NodeFetch = typeof globalThis.fetch & AsyncDisposable & { close(): Promise<void> };

const withoutBody = new Set([101, 204, 205, 304]);

/**
 * Creates a `fetch` for `createClient`, with pinned TLS, proxies and kept-alive sockets. Sends request bodies as a whole.
 *
 * Cost on the wire: nothing by itself. Nothing is sent to a server whose certificate is not accepted.
 *
 * The fetch rejects with a `TypeError` whose `cause` is a `CertificateError` (`CERTIFICATE`) where the certificate is not
 * valid, or does not match the thumbprint; a client that uses it throws that `CertificateError` itself.
 *
 * @throws `CertificateError` `CERTIFICATE`: the thumbprint is not a SHA-1 or SHA-256 fingerprint.
 * @throws TypeError: `proxy` is not the URL of an HTTP proxy. A proxy of the environment is checked when it is used.
 *
 * @example
 * ```ts
 * import { createClient, passwordAuth } from "@carrel/core";
 * import { createNodeFetch } from "@carrel/node-stream";
 *
 * await using fetch = createNodeFetch({ thumbprint: process.env["VSPHERE_THUMBPRINT"] ?? "" });
 * await using client = createClient({
 *   endpoint: "https://vc.example.test",
 *   auth: passwordAuth({ username: "reader@vsphere.local", password: "correct horse" }),
 *   fetch,
 * });
 * ```
 */
export function createNodeFetch(options: NodeFetchOptions = {}): NodeFetch {
  const pool = new ConnectionPool(options);
  const pin = options.thumbprint ? pinByThumbprint(options.thumbprint) : undefined;
  async function nodeFetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    // undici's Request and Response are not the platform's classes, and each side accepts only its own.
    const request = new Request(input, init);
    const body = request.body === null ? null : new Uint8Array(await request.arrayBuffer());
    const response = await undiciFetch(request.url, {
      method: request.method,
      headers: [...request.headers],
      body,
      redirect: request.redirect,
      signal: request.signal,
      dispatcher: pool.dispatcher(pin, { isOwn: true }),
    });
    const { status, statusText } = response;
    const result = new Response(withoutBody.has(status) ? null : (response.body as ReadableStream | null), {
      // A server may send a status that the Response constructor rejects.
      status: Math.min(status, 599),
      statusText: statusText.replaceAll(/[^\t\x20-\x7e]/gu, "?"),
      headers: [...response.headers],
    });
    if (status > 599) Object.defineProperty(result, "status", { value: status });
    Object.defineProperty(result, "url", { value: response.url });
    Object.defineProperty(result, "redirected", { value: response.redirected });
    return result;
  }
  const close = (): Promise<void> => pool[Symbol.asyncDispose]();
  return Object.assign(nodeFetch, { close, [Symbol.asyncDispose]: close });
}
