import { systemClock } from "@carrel/core";
import type { Clock } from "@carrel/core";
import { checkNumber, longestMs } from "@carrel/core/kit";
import { allAlgorithms, expectedProof, quote } from "@carrel/core/transfer";
import { createNodeHasher } from "./node-hasher.ts";
import type { ProgressSettings, Proof } from "@carrel/core/transfer";
import { RateLimit } from "./rate-limit.ts";
import type { TransferOptions, TransferSession } from "./transfer-options.ts";

/** What a stream is bound to, besides its options. */
export interface TransferBinding {
  /** Aborted when the lease of the bytes ends: then the stream fails at once. */
  readonly lease?: AbortSignal;
  /** What the bytes are compared with, instead of `expect.checksum`. */
  readonly proof?: Proof;
  /** Makes the stream fail where the server does not honour ranges, rather than fetch the bytes around the part. */
  readonly partsOnly?: boolean;
  /** Releases what belongs to the stream. Its `close` waits for this. */
  readonly release?: () => Promise<void>;
  readonly onReread?: ProgressSettings["onReread"];
}

/** The options of a transfer, checked, with their defaults. */
export interface TransferSettings extends ProgressSettings {
  readonly resumeLimit: number | undefined;
  readonly retryForMs: number | undefined;
  readonly resumeDelayMs: number;
  readonly clock: Clock;
  readonly stallTimeoutMs: number;
  readonly connectionsPerFile: number;
  readonly highWaterMark: number;
  readonly rateLimit: RateLimit | undefined;
  readonly session: TransferSession | undefined;
  readonly fileName: string | undefined;
  /** Whether to fail rather than fetch bytes outside of the part that is to be delivered. */
  readonly partsOnly: boolean;
  readonly onResume: TransferOptions["onResume"];
  readonly onVerified: TransferOptions["onVerified"];
}

/**
 * Checks options and fills in the defaults. `proof` takes the place of `expect.checksum`.
 *
 * @throws RangeError or TypeError: an option is out of range, or options contradict each other.
 */
export function readTransferSettings(
  options: TransferOptions,
  { proof, partsOnly = false, onReread }: Pick<TransferBinding, "proof" | "partsOnly" | "onReread"> = {},
): TransferSettings {
  const {
    startByte = 0,
    endByte,
    resumeLimit,
    retryForMs,
    resumeDelayMs = 250,
    clock = systemClock,
    stallTimeoutMs = 30_000,
    connectionsPerFile = 1,
    highWaterMark = 262_144,
    digests = [],
    expect,
    maxBytesPerSecond,
    fileName,
  } = options;
  const whole = true;
  checkNumber("startByte", startByte, { from: 0, whole });
  if (endByte !== undefined) checkNumber("endByte", endByte, { from: startByte, whole });
  if (resumeLimit !== undefined) checkNumber("resumeLimit", resumeLimit, { from: 0, whole });
  if (retryForMs !== undefined) checkNumber("retryForMs", retryForMs, { from: 0, to: Infinity });
  checkNumber("resumeDelayMs", resumeDelayMs, { from: 0, whole });
  checkNumber("stallTimeoutMs", stallTimeoutMs, { from: 1, to: longestMs, whole });
  checkNumber("connectionsPerFile", connectionsPerFile, { from: 1, whole });
  if (expect?.sizeBytes !== undefined) checkNumber("expect.sizeBytes", expect.sizeBytes, { from: startByte, whole });
  if (expect?.checksum !== undefined) requireWhole("expect.checksum", options);
  const label = fileName === undefined ? "the file" : quote(fileName);
  const comparison = proof ?? expectedProof(options, label, allAlgorithms);
  return {
    startByte,
    endByte,
    prefix: options.prefix,
    expectedBytes: expect?.sizeBytes,
    expectedValidator: expect?.validator,
    resumeLimit,
    retryForMs,
    resumeDelayMs,
    clock,
    stallTimeoutMs,
    connectionsPerFile,
    highWaterMark,
    digests: [...new Set([...digests, ...comparison.algorithms])],
    createHasher: createNodeHasher,
    proof: comparison,
    rateLimit: typeof maxBytesPerSecond === "number" ? new RateLimit(maxBytesPerSecond) : maxBytesPerSecond,
    session: options.session,
    label,
    fileName,
    partsOnly,
    onResume: options.onResume,
    onReread,
    onVerified: options.onVerified,
  };
}

/** Whether the options request a part of a file, of which nothing can be verified. */
export function isPart({ startByte = 0, endByte, prefix }: TransferOptions): boolean {
  return (startByte > 0 && prefix === undefined) || endByte !== undefined;
}

/** @throws TypeError: the options request a part of a file, and another option needs the whole file. */
export function requireWhole(option: string, options: TransferOptions): void {
  if (!isPart(options)) return;
  throw new TypeError(
    options.endByte === undefined
      ? `${option} requires the whole file: startByte is ${options.startByte}, and there is no prefix`
      : `${option} requires the whole file: endByte is ${options.endByte}`,
  );
}
