import type { ChecksumAlgorithm } from "@carrel/core";
import { longestMs, wholeNumber } from "../whole-number.ts";
import { RateLimit } from "./rate-limit.ts";
import type { TransferOptions } from "./transfer-options.ts";

/** The options with their defaults, checked. */
export interface TransferSettings {
  readonly options: TransferOptions;
  readonly startByte: number;
  readonly resumeLimit: number;
  readonly resumeDelayMs: number;
  readonly stallTimeoutMs: number;
  readonly connectionsPerFile: number;
  readonly digests: readonly ChecksumAlgorithm[];
  readonly rateLimit: RateLimit | undefined;
  /** For messages: the file's name in quotes, or "the file". */
  readonly label: string;
  /** Name of the file where it was given. */
  readonly fileName: string | undefined;
}

/** Fills in the defaults. Throws a `RangeError` or `TypeError` at once where options make no sense. */
export function readSettings(options: TransferOptions): TransferSettings {
  const {
    startByte = 0,
    resumeLimit = 5,
    resumeDelayMs = 250,
    stallTimeoutMs = 30_000,
    connectionsPerFile = 1,
    expect,
    maxBytesPerSecond,
  } = options;
  wholeNumber("startByte", startByte, 0);
  wholeNumber("resumeLimit", resumeLimit, 0);
  wholeNumber("resumeDelayMs", resumeDelayMs, 0);
  wholeNumber("stallTimeoutMs", stallTimeoutMs, 1, longestMs);
  wholeNumber("connectionsPerFile", connectionsPerFile, 1);
  if (expect?.sizeBytes !== undefined) wholeNumber("expect.sizeBytes", expect.sizeBytes, startByte);
  if (startByte > 0 && expect?.checksum !== undefined && options.prefix === undefined) {
    throw new TypeError(
      "A checksum covers the whole file: with startByte give the bytes before it as `prefix` as well.",
    );
  }
  return {
    options,
    startByte,
    resumeLimit,
    resumeDelayMs,
    stallTimeoutMs,
    connectionsPerFile,
    digests: digestsFor(options),
    rateLimit: typeof maxBytesPerSecond === "number" ? new RateLimit(maxBytesPerSecond) : maxBytesPerSecond,
    fileName: options.fileName,
    label: options.fileName === undefined ? "the file" : `"${options.fileName}"`,
  };
}

function digestsFor({ digests = [], expect }: TransferOptions): readonly ChecksumAlgorithm[] {
  if (expect?.checksum === undefined) return digests;
  if (typeof expect.checksum !== "function") return [...new Set([...digests, expect.checksum.algorithm ?? "SHA1"])];
  return digests.length > 0 ? digests : ["SHA1", "SHA256", "SHA512", "MD5"];
}
