import type { CarrelError, ChecksumAlgorithm, ChecksumInfo } from "@carrel/core";
import type { ConnectionPool } from "../tls/connection-pool.ts";
import type { TlsOptions } from "../tls/tls-options.ts";
import type { RateLimit } from "./rate-limit.ts";
import type { TransferFacts } from "./transfer-facts.ts";
import type { TransferSession } from "./transfer-source.ts";
import type { TransferValidator } from "./validator.ts";

/** What the bytes are expected to be. */
export interface TransferExpectation {
  /**
   * Length of the whole file, in bytes. Not the `size` of a library item's file, which is the space used on storage.
   * @defaultValue what the server says
   */
  readonly sizeBytes?: number;
  /**
   * Checksum of the whole file, or a function that asks for it once all bytes are there, because a server may tell it
   * only then. The stream does not end before it is answered; `undefined` means that there is none.
   * @defaultValue none
   */
  readonly checksum?: ChecksumInfo | (() => Promise<ChecksumInfo | undefined>);
  /**
   * ETag and Last-Modified of an earlier transfer of the same file, with `startByte`: where the server's differ the
   * file is read from its start and compared with `prefix`; without a `prefix` the stream fails.
   * @defaultValue none
   */
  readonly validator?: TransferValidator;
}

/** A transfer goes on after a break. */
export interface TransferResume {
  /** The next byte of the file. */
  readonly fromByte: number;
  /** What was wrong. */
  readonly cause: CarrelError;
  /** How often it broke since the last byte came, this time included. */
  readonly failures: number;
  /** Waits this long before it asks again, in milliseconds. */
  readonly delayMs: number;
}

/** Options of {@link openTransfer}. */
export interface TransferOptions extends TlsOptions {
  /**
   * Destroys the stream with `signal.reason`.
   * @defaultValue none
   */
  readonly signal?: AbortSignal;
  /**
   * The first byte to deliver, counted from 0, as `start` of `fs.createReadStream`. Where the server ignores ranges the
   * bytes before it are fetched and skipped.
   * @defaultValue 0
   */
  readonly startByte?: number;
  /**
   * The last byte to deliver, inclusive, as `end` of `fs.createReadStream`: `startByte: 0, endByte: 99` is the first 100
   * bytes. The stream ends with the file where that is shorter. Where the server ignores ranges the connection is closed
   * after this byte. A part of a file is never verified.
   * @defaultValue the last byte of the file
   */
  readonly endByte?: number;
  /**
   * The bytes before `startByte`, as they were received earlier. Read at the start where there are digests to compute,
   * so that they cover the whole file; and where the server ignores ranges, to compare. Without it the bytes from
   * `startByte` on are a part of the file, which is not verified.
   * @defaultValue none
   */
  readonly prefix?: () => AsyncIterable<Uint8Array>;
  /**
   * Bytes to hold for a consumer that is slower than the server.
   * @defaultValue 262_144
   */
  readonly highWaterMark?: number;
  /**
   * Breaks in a row to go on after; counted anew when bytes have come.
   * @defaultValue 5
   */
  readonly resumeLimit?: number;
  /**
   * Upper bound of the wait before the first resume, in milliseconds; doubles with each break in a row, up to 20 s.
   * The wait is random below it. A server's `Retry-After` comes first.
   * @defaultValue 250
   */
  readonly resumeDelayMs?: number;
  /**
   * A server that is silent this long while we read from it counts as a break, in milliseconds. A slow consumer never
   * does. At most 2_147_483_647, some 24 days.
   * @defaultValue 30_000
   */
  readonly stallTimeoutMs?: number;
  /**
   * Connections that fetch parts of the file at the same time, for paths where one connection does not use the bandwidth.
   * Used where the server is seen to honour ranges and tells an ETag or Last-Modified; else one connection. Holds up to
   * 8 MiB for each connection.
   * @defaultValue 1
   */
  readonly connectionsPerFile?: number;
  /** What the bytes are expected to be; checked before the stream ends. */
  readonly expect?: TransferExpectation;
  /**
   * Digests to compute along the way.
   * @defaultValue that of the expected checksum; all four where it is known only at the end; else none
   */
  readonly digests?: readonly ChecksumAlgorithm[];
  /**
   * Bytes per second, for this transfer alone; or a limit shared with others.
   * @defaultValue unlimited
   */
  readonly maxBytesPerSecond?: number | RateLimit;
  /**
   * Sends the API session id with the request where the transfer URL is on this client's own origin, and nowhere else.
   * vCenter needs none; others may.
   * @defaultValue none
   */
  readonly session?: TransferSession;
  /**
   * Connections to share with other transfers; its `thumbprint`, `ca` and `proxy` hold.
   * @defaultValue connections of its own, closed with the stream
   */
  readonly pool?: ConnectionPool;
  /**
   * Name of the file, for messages, and to tell a page in its place from a file that is one.
   * @defaultValue the last part of the transfer URL, not shown
   */
  readonly fileName?: string;
  /**
   * Told before each resume.
   * @defaultValue none
   */
  readonly onResume?: (resume: TransferResume) => void;
  /**
   * Told once, when all bytes are there and checked, before the stream ends.
   * @defaultValue none
   */
  readonly onVerified?: (facts: TransferFacts) => void;
}
