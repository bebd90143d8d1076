/// <reference lib="esnext.disposable" preserve="true" />
import type { DiagnosticEvent } from "./diagnostics.ts";
import type { Face } from "./gen/face.gen.ts";
import type { DownloadLease, LeaseOptions } from "./lease/download-lease.ts";
import type { WireStyle } from "./wire/codec.ts";

/**
 * A client of one vCenter: every operation of the specification, and leases on download sessions. {@link createClient}
 * makes one. Close it to log out.
 */
export interface CarrelClient extends Face, AsyncDisposable {
  /**
   * Scheme, host and port that the client is connected to, such as `https://vc.example.test`. Empty where the endpoint is
   * a path and there is no page.
   */
  readonly origin: string;
  /**
   * Returns the wire style in use.
   *
   * Cost on the wire: nothing where the style is given or already known, otherwise a probe of one or two requests.
   *
   * @throws {@link ServerError} `BUSY`: the server is down or still starting, even after the retries.
   * @throws {@link ProtocolError} `PROTOCOL`: the server is not a vCenter.
   */
  wireStyle(options?: { readonly signal?: AbortSignal }): Promise<WireStyle>;
  /**
   * Returns the API session id, for a transfer that needs the header `vmware-api-session-id`. It is a secret: send it
   * to {@link origin} only.
   *
   * Cost on the wire: one login where there is no API session yet, or where the current one is the one that was
   * `rejected`. The rejected one may still be open, so the client logs out of it when it closes.
   *
   * @throws {@link ServerError} `AUTH`: the login was refused.
   */
  sessionToken(options?: { readonly signal?: AbortSignal; readonly rejected?: string }): Promise<string>;
  /**
   * Creates (or adopts) a download session on an item and keeps it alive until the lease is closed.
   *
   * Cost on the wire: two requests to open, one keep-alive for each third of the time that the server grants, one to
   * end.
   *
   * @throws {@link ServerError} `NOT_FOUND`: no such item. `AUTH`: the user lacks the privilege
   * ContentLibrary.DownloadSession.
   * @throws TypeError, RangeError where `itemId` or an option is wrong.
   *
   * @example
   * ```ts
   * import type { CarrelClient } from "@carrel/core";
   *
   * async function fileNames(client: CarrelClient, itemId: string): Promise<string[]> {
   *   await using lease = await client.lease(itemId);
   *   return (await lease.files()).map((file) => file.name);
   * }
   * ```
   */
  lease(itemId: string, options?: LeaseOptions): Promise<DownloadLease>;
  /** Calls back at each diagnostic event. Returns a function that stops it. Events contain no secrets. */
  onDiagnostic(listener: (event: DiagnosticEvent) => void): () => void;
  /**
   * Ends the leases that are still open, then logs out. `await using` calls it at the end of its block. Never rejects;
   * a second call waits for the first. Later calls of the client throw a `TypeError`.
   *
   * Cost on the wire: what ending each lease costs, and one request to log out where there was a login.
   *
   * @example
   * ```ts
   * import type { CarrelClient } from "@carrel/core";
   *
   * async function countAndClose(client: CarrelClient): Promise<number> {
   *   try {
   *     return (await client.library.list()).length;
   *   } finally {
   *     await client.close();
   *   }
   * }
   * ```
   */
  close(): Promise<void>;
}
