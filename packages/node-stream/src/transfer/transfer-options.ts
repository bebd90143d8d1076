import type { ChecksumAlgorithm, Clock } from "@carrel/core";
import type { ConnectionPool } from "../tls/connection-pool.ts";
import type { TlsOptions } from "../tls/tls-options.ts";
import type { RateLimit } from "./rate-limit.ts";
import type { TransferExpectation, TransferFacts, TransferResume } from "@carrel/core/transfer";

/** The part of a client that sends the API session id to the vCenter's own origin. A `CarrelClient` fits. */
export interface TransferSession {
  readonly origin: string;
  sessionToken(options?: { readonly signal?: AbortSignal; readonly rejected?: string }): Promise<string>;
}

/** Options of {@link openTransfer}. */
export interface TransferOptions extends TlsOptions {
  /**
   * Destroys the stream with `signal.reason`.
   * @defaultValue none
   */
  readonly signal?: AbortSignal;
  /**
   * The first byte to deliver, counted from 0, as `start` of `fs.createReadStream`. Where the server ignores ranges, the
   * bytes before it are fetched and skipped.
   * @defaultValue 0
   */
  readonly startByte?: number;
  /**
   * The last byte to deliver, inclusive, as `end` of `fs.createReadStream`: `startByte: 0, endByte: 99` is the first 100
   * bytes. The stream ends with the file where that is shorter. Where the server ignores ranges, the connection is closed
   * after this byte. A part of a file is never verified.
   * @defaultValue the last byte of the file
   */
  readonly endByte?: number;
  /**
   * The bytes before `startByte`, as they were received earlier. Read at the start where there are digests to compute,
   * so that they cover the whole file; and where the server ignores ranges, to compare. Without it the bytes from
   * `startByte` are a part of the file, which is not verified.
   * @defaultValue none
   */
  readonly prefix?: () => AsyncIterable<Uint8Array>;
  /**
   * Buffers at most this many bytes for a consumer that is slower than the server.
   * @defaultValue 262_144
   */
  readonly highWaterMark?: number;
  /**
   * Interruptions in a row to resume after; the count starts over when bytes arrive.
   * @defaultValue 5; where `retryForMs` is given, 5 interruptions that are not outages, and any number of outages
   */
  readonly resumeLimit?: number;
  /**
   * How long outages in a row are overcome, in milliseconds from the first of them; the time starts over when bytes arrive.
   * An outage is a connection that cannot be made or breaks, silence, a server that is busy or down (5xx, 429), and a source
   * function that fails for one of these reasons. The last attempt takes place when the time is over. Where `resumeLimit` is
   * given as well, whichever is reached first ends the transfer.
   * @defaultValue no time, so that `resumeLimit` alone decides
   */
  readonly retryForMs?: number;
  /**
   * Upper bound of the delay before the first resume, in milliseconds; doubles with each interruption in a row, up to 20 s.
   * The delay is random below it. A server's `Retry-After` takes precedence.
   * @defaultValue 250
   */
  readonly resumeDelayMs?: number;
  /**
   * The time that delays and `retryForMs` go by.
   * @defaultValue the platform's time
   */
  readonly clock?: Clock;
  /**
   * How long the server may send nothing before that counts as an interruption, in milliseconds. A slow consumer never
   * counts. At most 2_147_483_647, about 24 days.
   * @defaultValue 30_000
   */
  readonly stallTimeoutMs?: number;
  /**
   * Connections that fetch parts of the file at the same time, for paths where one connection does not use the bandwidth.
   * Used only if the server honours ranges and sends an ETag or Last-Modified. Buffers up to 8 MiB for each connection.
   * @defaultValue 1
   */
  readonly connectionsPerFile?: number;
  /** What the bytes are expected to be; checked before the stream ends. */
  readonly expect?: TransferExpectation;
  /**
   * Digests to compute along the way.
   * @defaultValue that of the expected checksum; all four where it is known only at the end; otherwise none
   */
  readonly digests?: readonly ChecksumAlgorithm[];
  /**
   * Bytes per second, for this transfer alone; or a limit shared with others.
   * @defaultValue unlimited
   */
  readonly maxBytesPerSecond?: number | RateLimit;
  /**
   * Sends the API session id with the request where the transfer URL is on this client's own origin, and nowhere else.
   * vCenter requires none; other servers may.
   * @defaultValue none
   */
  readonly session?: TransferSession;
  /**
   * Connections to share with other transfers; its `thumbprint`, `ca` and `proxy` apply.
   * @defaultValue connections of its own, closed with the stream
   */
  readonly pool?: ConnectionPool;
  /**
   * Names the file in messages; its extension decides whether an HTML page is the file or an error page.
   * @defaultValue the last part of the transfer URL, not shown
   */
  readonly fileName?: string;
  /**
   * Called before each resume.
   * @defaultValue none
   */
  readonly onResume?: (resume: TransferResume) => void;
  /**
   * Called once, when all bytes have arrived and are verified, before the stream ends.
   * @defaultValue none
   */
  readonly onVerified?: (facts: TransferFacts) => void;
}
