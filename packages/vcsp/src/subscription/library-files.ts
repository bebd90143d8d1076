import type { CarrelError } from "@carrel/core";
import type { ConnectionPool, LeasedEndpoint } from "@carrel/node-stream";

/** What a request is about, and how it went before. */
export interface EndpointQuery {
  /** Why it failed; absent the first time. */
  readonly cause: CarrelError | undefined;
  readonly signal: AbortSignal;
}

/** Where the files of a published library are read: a web server, or an object store. Paths are relative to `lib.json`. */
export interface LibraryFiles {
  /** For records and messages: scheme and host. */
  readonly origin: string;
  /** The connections of transfers. */
  readonly pool: ConnectionPool;
  /**
   * Returns where a file can be read now. After a refusal, elsewhere or not at all.
   *
   * @throws `VcspError` `login`: nobody may read it, or another password is required. `not-found`: there is no such file.
   */
  endpoint(path: string, query: EndpointQuery): Promise<LeasedEndpoint>;
  /**
   * Reads a small text file.
   *
   * @throws `VcspError` as {@link endpoint} does, and `unreadable`: it is longer than `limitBytes`.
   */
  text(path: string, options: { readonly limitBytes: number; readonly signal: AbortSignal }): Promise<string>;
  /** The address of a file, for messages. */
  urlOf(path: string): string;
}
