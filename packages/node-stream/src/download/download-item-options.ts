import type { Clock } from "@carrel/core";
import type { ConnectionPool } from "../tls/connection-pool.ts";
import type { TlsOptions } from "../tls/tls-options.ts";
import type { RateLimit } from "../transfer/rate-limit.ts";
import type { ConcurrencyLimit } from "./concurrency-limit.ts";
import type { RequiredVerification } from "@carrel/core/transfer";

/** What a record calls an item, for people who read it. */
export interface RecordNames {
  /** The item's name. */
  readonly item?: string;
  readonly library?: { readonly id: string; readonly name: string };
}

/** Options of {@link downloadItem}. */
export interface DownloadItemOptions extends TlsOptions {
  /**
   * Aborts the download. `report` and the iterator reject with `signal.reason`, unwrapped, after the session was deleted on
   * the server. What was fetched stays in `.part` files, from which a later download resumes.
   * @defaultValue none
   */
  readonly signal?: AbortSignal;
  /**
   * Globs of the files to download, matched against the whole file name: `*` also matches a leading dot.
   * @defaultValue all files
   */
  readonly include?: readonly string[];
  /**
   * Globs of files to leave out, including files that `include` names.
   * @defaultValue none
   */
  readonly exclude?: readonly string[];
  /**
   * Limits how many files are transferred at once; or a limit shared with other downloads. While a file waits for the disk and
   * for the server's checksum, the next one is transferred.
   * @defaultValue 4
   */
  readonly concurrency?: number | ConcurrencyLimit;
  /**
   * Decides what happens to files that exist.
   *
   * - `resume`: a `.part` file of the same content version is resumed. A file with the final name that has the server's
   *   checksum, or that of the OVF manifest, is skipped. If neither is stated, the file is downloaded again and compared,
   *   unless an interrupted run had finished it and the server states its length: then it is skipped, and counts as verified
   *   by length. A file that differs is an error.
   * - `error`: a file with a final name is an error. A `.part` file is downloaded again from its start.
   * - `overwrite`: everything is downloaded again; an existing file is replaced once the new one is whole.
   * - `skip`: a file with a final name is left alone, and not read: it may be another version, or incomplete. It is in
   *   `leftAlone` of the report, and verified by nothing. A `.part` file is resumed. Not together with `requireVerified`.
   * @defaultValue "resume"
   */
  readonly existing?: "error" | "resume" | "overwrite" | "skip";
  /**
   * Records the files in `.carrel.json` beside them: content version, size, digest, and how and when each was verified. A later
   * download with this option skips what is still there by that: with `existing: "resume"`, files that the item has in the
   * same content version, and that are read and have the same digest, are not fetched again, and where that is all of them
   * no session is opened. Costs two requests where a record exists. A record that cannot be written does not fail the download:
   * see `recordError` of {@link DownloadReport}.
   *
   * The value is what the record calls the item and its library; it may be empty.
   * @defaultValue no record is read or written
   */
  readonly record?: RecordNames;
  /**
   * Fails if a file is verified by less than this, the strongest first:
   *
   * - `checksum`: only the server's checksum is enough.
   * - `manifest`: an OVF manifest is enough as well.
   * - `length`, or `true`: the length that the server states is enough as well, unless an OVF manifest should have verified
   *   the file and does not (see `doubts` of {@link FileReport}).
   *
   * With each of them a manifest that names a file that the item does not have, other than `.nvram`, is an error.
   * @defaultValue false
   */
  readonly requireVerified?: RequiredVerification;
  /**
   * Decides what happens to a file that an OVF manifest contradicts, in an item or inside an OVA archive.
   *
   * - `check`: it is an error, even if the server's checksum agrees: then the manifest is wrong.
   * - `report`: the file counts as verified by what else agrees, and the contradiction is in the report.
   * @defaultValue "check"
   */
  readonly manifest?: "check" | "report";
  /**
   * `session` downloads in a download session. `static` needs none: it uses the URLs that vCenter 9.0 and later state for
   * cached files.
   * @defaultValue "session"
   */
  readonly source?: "session" | "static";
  /**
   * Has the vCenter fetch content that is not there from the publisher first, and waits for it, as {@link syncItem} does. Without
   * it a download of such an item fails. Costs one request for each item, and more where there is something to fetch.
   * @defaultValue false
   */
  readonly sync?: boolean;
  /**
   * How long to wait for that, in milliseconds, at most 2_147_483_647, about 24 days.
   * @defaultValue 3_600_000
   */
  readonly syncTimeoutMs?: number;
  /**
   * Fails with `no-space` before the first byte where less is free than the files need by the sizes that the server states. Not
   * where the free space is unknown, as on some network file systems. A file system that compresses may hold more than it says.
   * @defaultValue true
   */
  readonly checkSpace?: boolean;
  /**
   * How long the server may make no progress in preparing a file before that fails, in milliseconds, at most 2_147_483_647,
   * about 24 days.
   * @defaultValue 300_000
   */
  readonly prepareTimeoutMs?: number;
  /**
   * How long to wait, after the last byte of a file, for the length and the checksum that the server states only then, in
   * milliseconds, at most 2_147_483_647. Most servers need a moment. A length is waited for this long, because the vendor
   * guarantees it, unless the transfer stated one that agrees, and the server never stated one: then two seconds are enough, and
   * less for the files that follow. A checksum is waited for this long as well if the server stated one after an earlier download of this client, or else for at most a
   * second, and for a quarter of a second after three files in a row without one. With 0 the server is asked once. Other files
   * are transferred meanwhile.
   * @defaultValue 5_000
   */
  readonly factsTimeoutMs?: number;
  /**
   * How long the server may send nothing before the transfer is interrupted and resumed, in milliseconds, at most
   * 2_147_483_647, about 24 days.
   * @defaultValue 30_000
   */
  readonly stallTimeoutMs?: number;
  /**
   * Interruptions of one file in a row to resume after; the count starts over when bytes arrive.
   * @defaultValue 5; where `retryForMs` is given, 5 interruptions that are not outages, and any number of outages
   */
  readonly resumeLimit?: number;
  /**
   * How long outages in a row are overcome, in milliseconds: of a file, from the first one since its last byte; of a call
   * around the transfers (to open a session or a new one after a loss, to prepare a file, to ask for its checksum), from its
   * first failure. An outage is a connection that cannot be made or breaks, silence, and a server that is busy or down (5xx,
   * 429). So a vCenter whose services restart interrupts a download, and does not end it. Attempts are at most 20 s apart,
   * and events say when the next one takes place (`resumed`, `retrying`). Where `resumeLimit` is given as well, whichever is
   * reached first ends the transfer.
   * @defaultValue no time: `resumeLimit` alone decides, and a call fails after the retries of the client
   */
  readonly retryForMs?: number;
  /**
   * How often the bytes of a file are fetched again, from the first, after all of them arrived and their digest, their length or
   * the archive that they make up is wrong. Not where the same wrong bytes arrive again, nor where an OVF manifest contradicts
   * the checksum of the server, because another time would not be different.
   * @defaultValue 2
   */
  readonly damagedRetries?: number;
  /**
   * The time that delays and `retryForMs` go by.
   * @defaultValue the platform's time
   */
  readonly clock?: Clock;
  /**
   * Connections that fetch parts of one file at the same time, for paths where one connection does not use the bandwidth. Used
   * only if the server honours ranges.
   * @defaultValue 1
   */
  readonly connectionsPerFile?: number;
  /**
   * Connections to share with other downloads and transfers; its `thumbprint`, `ca` and `proxy` apply. It is not closed.
   * @defaultValue connections of its own, closed at the end
   */
  readonly pool?: ConnectionPool;
  /**
   * Bytes per second, for all files together; or a limit shared with other downloads.
   * @defaultValue unlimited
   */
  readonly maxBytesPerSecond?: number | RateLimit;
  /**
   * The shortest time between two `transferring` events of one file, in milliseconds.
   * @defaultValue 100
   */
  readonly progressIntervalMs?: number;
}
