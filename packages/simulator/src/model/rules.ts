import type { OperationId } from "@carrel/core/operations";
import type { ChecksumAlgorithm } from "@carrel/core";

/** What may extend a download session: an operation on it, or bytes sent from its transfer URLs. */
export type Activity = Extract<OperationId, `downloadSession.${string}`> | "transfer";

/** When download sessions expire. */
export interface LeaseRules {
  /**
   * Time without activity after which a session expires.
   * @defaultValue 300_000
   */
  readonly lifeMs?: number;
  /**
   * What counts as activity. `downloadSession.list` counts for the sessions that it returns.
   * @defaultValue every operation on the session, but not bytes
   */
  readonly activity?: readonly Activity[];
  /**
   * How long an expired session still exists, in the state `expiredState`, before it is deleted.
   * @defaultValue 0
   */
  readonly cleanUpDelayMs?: number;
  /** @defaultValue "ERROR" */
  readonly expiredState?: "ERROR" | "CANCELED";
}

const everyOperation: readonly Activity[] = [
  "downloadSession.list",
  "downloadSession.get",
  "downloadSession.keepAlive",
  "downloadSession.file.list",
  "downloadSession.file.get",
  "downloadSession.file.prepare",
];

/** Fills in the defaults. */
export function fillLeaseRules(rules: LeaseRules = {}): Required<LeaseRules> {
  return { lifeMs: 300_000, activity: everyOperation, cleanUpDelayMs: 0, expiredState: "ERROR", ...rules };
}

/** How files are prepared, and how uncached ones are fetched. */
export interface PrepareRules {
  /**
   * Time in PREPARE_REQUESTED.
   * @defaultValue 0
   */
  readonly requestedMs?: number;
  /**
   * Time in PREPARING, in which `bytes_transferred` grows.
   * @defaultValue 0
   */
  readonly preparingMs?: number;
  /**
   * What prepare does for an item that is not cached: `refuse` sets the status ERROR, `fetch` prepares the file like any
   * other and leaves the item cached. What a real server does is unconfirmed.
   * @defaultValue "refuse"
   */
  readonly uncached?: "refuse" | "fetch";
  /**
   * How long the synchronisation of an item takes.
   * @defaultValue 0
   */
  readonly syncMs?: number;
}

/** Fills in the defaults. */
export function fillPrepareRules(rules: PrepareRules = {}): Required<PrepareRules> {
  return { requestedMs: 0, preparingMs: 0, uncached: "refuse", syncMs: 0, ...rules };
}

/** Since when a download session reports a fact about a file. */
export type ReportedFrom = "always" | "prepared" | "downloaded" | "never";

/** What the server reports about files. */
export interface ReportRules {
  /**
   * Since when a session's file has a `size`.
   * @defaultValue "always"
   */
  readonly size?: ReportedFrom;
  /**
   * Since when a session's file has a `checksum_info`. The checksum is computed at the first request for it.
   * @defaultValue "downloaded"
   */
  readonly checksum?: ReportedFrom;
  /**
   * How long after the last byte a `size` that is reported once `downloaded` appears.
   * @defaultValue 0
   */
  readonly sizeDelayMs?: number;
  /**
   * How long after the last byte a `checksum_info` that is reported once `downloaded` appears.
   * @defaultValue 0
   */
  readonly checksumDelayMs?: number;
  /**
   * How a `size` or `checksum_info` that is not reported is written: left out, or as `null`.
   * @defaultValue "absent"
   */
  readonly unset?: "absent" | "null";
  /** @defaultValue "SHA256" */
  readonly checksumAlgorithm?: ChecksumAlgorithm;
  /**
   * Whether the files of library items have a checksum too.
   * @defaultValue false
   */
  readonly itemChecksum?: boolean;
}

/** Fills in the defaults. */
export function fillReportRules(rules: ReportRules = {}): Required<ReportRules> {
  return {
    size: "always",
    checksum: "downloaded",
    sizeDelayMs: 0,
    checksumDelayMs: 0,
    unset: "absent",
    checksumAlgorithm: "SHA256",
    itemChecksum: false,
    ...rules,
  };
}

/** How transfer URLs behave. None of this is confirmed for real servers, so all of it can be changed. */
export interface TransferRules {
  /**
   * Whether `Range` is honoured, with 206 and 416.
   * @defaultValue true
   */
  readonly ranges?: boolean;
  /**
   * Whether `If-Range` is honoured; if not, a range is served whatever `If-Range` says.
   * @defaultValue true
   */
  readonly ifRange?: boolean;
  /**
   * Whether `HEAD` is supported; if not, it is answered with 405.
   * @defaultValue true
   */
  readonly head?: boolean;
  /**
   * Whether answers have an `ETag`.
   * @defaultValue true
   */
  readonly etag?: boolean;
  /**
   * Whether answers have a `Content-Length`; if not, bodies are chunked.
   * @defaultValue true
   */
  readonly contentLength?: boolean;
  /**
   * How many transfers run at a time; others wait for their turn before they are answered.
   * @defaultValue 20
   */
  readonly poolSize?: number;
  /**
   * What happens to a running transfer when its session ends: `cut` closes the connection, `end` ends the body as if the file
   * ended there (only possible without `Content-Length`), `continue` sends the rest.
   * @defaultValue "cut"
   */
  readonly onSessionEnd?: "cut" | "end" | "continue";
  /**
   * Rate of each transfer.
   * @defaultValue as fast as the client reads
   */
  readonly bytesPerSecond?: number | undefined;
}

/** The rules with their defaults filled in. The rate has none. */
export type CompleteTransferRules = Required<Omit<TransferRules, "bytesPerSecond">> &
  Pick<TransferRules, "bytesPerSecond">;

/** Fills in the defaults. */
export function fillTransferRules(rules: TransferRules = {}): CompleteTransferRules {
  return {
    ranges: true,
    ifRange: true,
    head: true,
    etag: true,
    contentLength: true,
    poolSize: 20,
    onSessionEnd: "cut",
    ...rules,
  };
}

/** How long logins last, and how many may exist. */
export interface ApiSessionLimits {
  /**
   * A login expires when it is not used for this long. Transfers do not count as use.
   * @defaultValue 1_800_000
   */
  readonly idleMs?: number;
  /**
   * A login expires this long after it was made, however much it is used.
   * @defaultValue 86_400_000
   */
  readonly absoluteMs?: number;
  /**
   * How many logins one user may have at a time; one more is refused as SERVICE_UNAVAILABLE.
   * @defaultValue 550
   */
  readonly maxPerUser?: number;
}
