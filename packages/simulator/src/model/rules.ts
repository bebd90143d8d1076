import type { OperationId } from "@carrel/core/operations";
import type { ChecksumAlgorithm } from "@carrel/core";

/** What may put off the end of a download session: an operation on it, or bytes that flow from its transfer URLs. */
export type Activity = Extract<OperationId, `downloadSession.${string}`> | "transfer";

/** How long download sessions live. */
export interface LeaseRules {
  /**
   * Time without activity after which a session expires.
   * @defaultValue 300_000
   */
  readonly lifeMs?: number;
  /**
   * What counts as activity. `downloadSession.list` counts for the sessions that it lists.
   * @defaultValue every operation on the session; bytes do not count
   */
  readonly activity?: readonly Activity[];
  /**
   * How long an expired session can still be seen, in the state `expiredState`, before it is gone.
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

/** The rules with their defaults filled in. */
export function leaseRules(rules: LeaseRules): Required<LeaseRules> {
  return { lifeMs: 300_000, activity: everyOperation, cleanUpDelayMs: 0, expiredState: "ERROR", ...rules };
}

/** How files are made ready, and how uncached ones come to the server. */
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
   * What prepare does for an item that is not cached: `refuse` gives status ERROR, `fetch` makes it ready like any other
   * and leaves the item cached. What a real server does is unconfirmed.
   * @defaultValue "refuse"
   */
  readonly uncached?: "refuse" | "fetch";
  /**
   * Time that a synchronisation of an item takes until it is cached.
   * @defaultValue 0
   */
  readonly syncMs?: number;
}

/** The rules with their defaults filled in. */
export function prepareRules(rules: PrepareRules): Required<PrepareRules> {
  return { requestedMs: 0, preparingMs: 0, uncached: "refuse", syncMs: 0, ...rules };
}

/** From when on a download session tells a fact of a file. */
export type ReportedFrom = "always" | "prepared" | "downloaded" | "never";

/** What the server tells of files. */
export interface ReportRules {
  /**
   * From when on a session's file has its `size`.
   * @defaultValue "always"
   */
  readonly size?: ReportedFrom;
  /**
   * From when on a session's file has its `checksum_info`. It is computed when it is first asked for.
   * @defaultValue "downloaded"
   */
  readonly checksum?: ReportedFrom;
  /**
   * How long after the last byte a `size` that is told from `downloaded` on is there, in milliseconds.
   * @defaultValue 0
   */
  readonly sizeDelayMs?: number;
  /**
   * How long after the last byte a `checksum_info` that is told from `downloaded` on is there, in milliseconds.
   * @defaultValue 0
   */
  readonly checksumDelayMs?: number;
  /**
   * How a `size` or `checksum_info` that is not told is written: left out, or as `null`.
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

/** The rules with their defaults filled in. */
export function reportRules(rules: ReportRules): Required<ReportRules> {
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

/** How transfer URLs behave. Nothing of this is confirmed for real servers, so everything can be switched. */
export interface TransferRules {
  /**
   * Whether `Range` is honoured, with 206 and 416.
   * @defaultValue true
   */
  readonly ranges?: boolean;
  /**
   * Whether `If-Range` is honoured; where it is not, a range is served whatever it says.
   * @defaultValue true
   */
  readonly ifRange?: boolean;
  /**
   * Whether `HEAD` is answered; where it is not, with 405.
   * @defaultValue true
   */
  readonly head?: boolean;
  /**
   * Whether answers carry an `ETag`.
   * @defaultValue true
   */
  readonly etag?: boolean;
  /**
   * Whether answers carry a `Content-Length`; where they do not, bodies are chunked.
   * @defaultValue true
   */
  readonly contentLength?: boolean;
  /**
   * Transfers that run at a time; others wait for their turn before they are answered.
   * @defaultValue 20
   */
  readonly poolSize?: number;
  /**
   * What happens to a running transfer when its session ends: it is cut, it ends as if the file ended there (which only
   * a body without `Content-Length` can), or it goes on.
   * @defaultValue "cut"
   */
  readonly onSessionEnd?: "cut" | "end" | "continue";
  /**
   * Rate of each transfer.
   * @defaultValue as fast as the client takes it
   */
  readonly bytesPerSecond?: number | undefined;
}

/** The rules with what has a default filled in. */
export type FullTransferRules = Required<Omit<TransferRules, "bytesPerSecond">> & Pick<TransferRules, "bytesPerSecond">;

/** The rules with their defaults filled in. */
export function transferRules(rules: TransferRules): FullTransferRules {
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

/** How long logins last, and how many there may be. */
export interface ApiSessionLimits {
  /**
   * A login ends when it is not used this long. Transfers do not count as use.
   * @defaultValue 1_800_000
   */
  readonly idleMs?: number;
  /**
   * A login ends this long after it was made, however much it is used.
   * @defaultValue 86_400_000
   */
  readonly absoluteMs?: number;
  /**
   * Logins that one user may have at a time; one more is refused as SERVICE_UNAVAILABLE.
   * @defaultValue 550
   */
  readonly maxPerUser?: number;
}
