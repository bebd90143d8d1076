import type { ChecksumAlgorithm } from "@carrel/core";
import { quote } from "../files/names.ts";
import { longestMs, wholeNumber } from "../whole-number.ts";
import { expectedProof } from "./proof.ts";
import type { Proof } from "./proof.ts";
import { RateLimit } from "./rate-limit.ts";
import type { TransferOptions } from "./transfer-options.ts";

/** The options with their defaults, checked. */
export interface TransferSettings {
  readonly options: TransferOptions;
  readonly startByte: number;
  /** The last byte to deliver; `undefined` for the end of the file. */
  readonly endByte: number | undefined;
  readonly resumeLimit: number;
  readonly resumeDelayMs: number;
  readonly stallTimeoutMs: number;
  readonly connectionsPerFile: number;
  readonly digests: readonly ChecksumAlgorithm[];
  readonly proof: Proof;
  readonly rateLimit: RateLimit | undefined;
  /** For messages: the file's name in quotes, or "the file". */
  readonly label: string;
  /** Name of the file where it was given. */
  readonly fileName: string | undefined;
}

/** Fills in the defaults. Throws a `RangeError` or `TypeError` at once where options make no sense. */
export function readSettings(options: TransferOptions, given?: Proof): TransferSettings {
  const {
    startByte = 0,
    endByte,
    resumeLimit = 5,
    resumeDelayMs = 250,
    stallTimeoutMs = 30_000,
    connectionsPerFile = 1,
    expect,
    maxBytesPerSecond,
  } = options;
  wholeNumber("startByte", startByte, 0);
  if (endByte !== undefined) wholeNumber("endByte", endByte, startByte);
  wholeNumber("resumeLimit", resumeLimit, 0);
  wholeNumber("resumeDelayMs", resumeDelayMs, 0);
  wholeNumber("stallTimeoutMs", stallTimeoutMs, 1, longestMs);
  wholeNumber("connectionsPerFile", connectionsPerFile, 1);
  if (expect?.sizeBytes !== undefined) wholeNumber("expect.sizeBytes", expect.sizeBytes, startByte);
  if (expect?.checksum !== undefined && isPart(options)) {
    throw new TypeError(
      "A checksum covers the whole file: with startByte give the bytes before it as `prefix`, and leave endByte out",
    );
  }
  const label = options.fileName === undefined ? "the file" : quote(options.fileName);
  const proof = given ?? expectedProof(options, label);
  return {
    options,
    startByte,
    endByte,
    resumeLimit,
    resumeDelayMs,
    stallTimeoutMs,
    connectionsPerFile,
    digests: [...new Set([...(options.digests ?? []), ...proof.algorithms])],
    proof,
    rateLimit: typeof maxBytesPerSecond === "number" ? new RateLimit(maxBytesPerSecond) : maxBytesPerSecond,
    fileName: options.fileName,
    label,
  };
}

/** Whether the options ask for a part of a file, of which nothing can be verified. */
export function isPart({ startByte = 0, endByte, prefix }: TransferOptions): boolean {
  return (startByte > 0 && prefix === undefined) || endByte !== undefined;
}
