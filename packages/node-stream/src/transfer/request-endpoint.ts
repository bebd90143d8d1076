import type { TransferEndpoint } from "@carrel/core";
import type { Dispatcher } from "undici";
import type { ConnectionPool } from "../tls/connection-pool.ts";
import { RouteFinder } from "./route.ts";

const headTimeoutMs = 60_000;

/** A request that is passed on to a transfer URL. */
export interface EndpointRequestSettings {
  readonly pool: ConnectionPool;
  /** The origin of the vCenter that named the endpoint. */
  readonly clientOrigin: string;
  readonly fileName: string;
  readonly method: "GET" | "HEAD";
  readonly headers: Readonly<Record<string, string>>;
  /** The API session id: sent to the vCenter's own origin only. */
  readonly token: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * Sends one request to a transfer URL by the rules of transfers (the endpoint's own pin, origins that are refused, what an
 * unescaped URL means), and hands over the answer as it is, its body under back-pressure. Follows no redirect, repeats
 * nothing, and verifies nothing. Does not follow semantic versioning.
 *
 * @throws `CertificateError` `CERTIFICATE`: the certificate is not accepted; nothing was sent.
 * @throws `TransferError` `TRANSFER`: the endpoint is not used.
 */
export async function requestEndpoint(
  endpoint: TransferEndpoint,
  { pool, clientOrigin, fileName, method, headers, token, signal }: EndpointRequestSettings,
): Promise<Dispatcher.ResponseData> {
  const routes = new RouteFinder(async () => ({ endpoint, clientOrigin }), pool, {
    label: "the file",
    fileName,
    session: undefined,
  });
  const { url, dispatcher } = await routes.routeTo({ signal, fromByte: 0, cause: undefined });
  const isOwn = token !== undefined && url.origin === clientOrigin;
  return dispatcher.request({
    origin: url.origin,
    path: url.target,
    method,
    headers: { ...headers, ...(isOwn && { "vmware-api-session-id": token }) },
    signal,
    headersTimeout: headTimeoutMs,
    bodyTimeout: 0,
  });
}
