/// <reference lib="esnext.disposable" preserve="true" />
import type { DiagnosticEvent } from "./diagnostics.ts";
import type { Face } from "./gen/face.gen.ts";
import type { DownloadLease, LeaseOptions } from "./lease/download-lease.ts";
import type { WireStyle } from "./wire/codec.ts";

/**
 * A client of one vCenter: every operation of the specification, and leases on download sessions.
 * Made by {@link createClient}. Close it to log out.
 */
export interface CarrelClient extends Face, AsyncDisposable {
  /** Origin of the vCenter, such as `https://vc.example.test`. */
  readonly origin: string;
  /**
   * The wire style in use.
   *
   * Cost on the wire: nothing where the style was given or is known already, else the probe of one or two requests.
   *
   * @throws {@link ServerError} `BUSY`: the server is down or still starting, also after the retries.
   * @throws {@link ProtocolError} `PROTOCOL`: the server is not a vCenter.
   */
  wireStyle(options?: { readonly signal?: AbortSignal }): Promise<WireStyle>;
  /**
   * The API session id, for a transfer that needs the header `vmware-api-session-id`. A secret: send it to
   * {@link origin} only.
   *
   * Cost on the wire: one login where there is none yet, or where it is the one that was `rejected`. That one may still be
   * open, and is logged out when the client closes.
   *
   * @throws {@link ServerError} `AUTH`: the login was refused.
   */
  sessionToken(options?: { readonly signal?: AbortSignal; readonly rejected?: string }): Promise<string>;
  /**
   * Creates (or adopts) a download session on an item and keeps it alive until the lease is closed.
   *
   * Cost on the wire: two requests to open, one keep-alive for each third of the granted time, one to end.
   *
   * @throws {@link ServerError} `NOT_FOUND`: no such item. `AUTH`: the privilege ContentLibrary.DownloadSession lacks.
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
  /** Calls back at each diagnostic event; returns the way to stop. Events hold nothing secret. */
  onDiagnostic(listener: (event: DiagnosticEvent) => void): () => void;
  /**
   * Ends the leases that are still held, and logs out. What `await using` does at the end of its block. Never rejects;
   * closing again waits for the first time. Calls after it throw a `TypeError`.
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
