import { systemClock } from "@carrel/core";
import type { ChecksumAlgorithm, Clock } from "@carrel/core";
import { checkNumber, longestMs } from "@carrel/core/kit";
import { expectedProof, quote } from "@carrel/core/transfer";
import type {
  PatienceSettings,
  ProgressSettings,
  Proof,
  TransferExpectation,
  TransferFacts,
  TransferResume,
} from "@carrel/core/transfer";
import { createWebHasher, lateAlgorithms } from "./hasher.ts";

/** Options of {@link openTransfer}. */
export interface TransferOptions {
  /**
   * Makes the stream fail with `signal.reason`.
   * @defaultValue none
   */
  readonly signal?: AbortSignal;
  /**
   * The first byte to deliver, counted from 0. Where the server ignores ranges, the bytes before it are fetched and skipped.
   * The bytes from there are a part of the file, which is not verified.
   * @defaultValue 0
   */
  readonly startByte?: number;
  /**
   * The last byte to deliver, inclusive. A part of a file is never verified.
   * @defaultValue the last byte of the file
   */
  readonly endByte?: number;
  /**
   * Interruptions in a row to resume after; the count starts over when bytes arrive.
   * @defaultValue 5; where `retryForMs` is given, 5 interruptions that are not outages, and any number of outages
   */
  readonly resumeLimit?: number;
  /**
   * How long outages in a row are overcome, in milliseconds from the first of them; the time starts over when bytes arrive.
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
   * How long the server may send nothing while it is read from before that counts as an interruption, in milliseconds. A slow
   * consumer, and a tab whose timers are throttled, never count.
   * @defaultValue 30_000
   */
  readonly stallTimeoutMs?: number;
  /**
   * The time that delays and `retryForMs` go by.
   * @defaultValue the platform's time
   */
  readonly clock?: Clock;
  /** What the bytes are expected to be; checked before the stream ends. */
  readonly expect?: TransferExpectation;
  /**
   * Digests to compute along the way.
   * @defaultValue that of the expected checksum; SHA-1 and SHA-256 where it is known only at the end; otherwise none
   */
  readonly digests?: readonly ChecksumAlgorithm[];
  /**
   * Names the file in messages; its extension decides whether an HTML page is the file or an error page.
   * @defaultValue the last part of the transfer URL, not shown
   */
  readonly fileName?: string;
  /**
   * Any WHATWG fetch, called with a URL and an init.
   * @defaultValue globalThis.fetch
   */
  readonly fetch?: typeof globalThis.fetch;
  /**
   * Allows transfers over http where the client is connected by https. Anyone on the way can read such bytes.
   * @defaultValue false
   */
  readonly allowHttpTransfers?: boolean;
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

/** What a stream is bound to, besides its options. */
export interface TransferBinding {
  /** Aborted when the lease of the bytes ends: then the stream fails at once. */
  readonly lease?: AbortSignal;
  /** What the bytes are compared with, instead of `expect.checksum`. */
  readonly proof?: Proof;
  /** The origin that the client is connected to. */
  readonly clientOrigin?: string;
  /** Releases what belongs to the stream, before it ends. */
  readonly release?: () => Promise<void>;
  readonly onReread?: ProgressSettings["onReread"];
}

/** The options of a transfer, checked, with their defaults. */
export interface TransferSettings extends ProgressSettings, PatienceSettings {
  readonly stallTimeoutMs: number;
  readonly fileName: string | undefined;
  readonly fetch: typeof globalThis.fetch;
  readonly allowHttpTransfers: boolean;
  readonly clientOrigin: string | undefined;
  readonly onResume: TransferOptions["onResume"];
  readonly onVerified: TransferOptions["onVerified"];
}

/** Options of other platforms that decide which server is trusted, or how it is reached. */
const foreign = ["thumbprint", "ca", "proxy", "pool"];

/**
 * Checks options and fills in the defaults.
 *
 * @throws RangeError or TypeError: an option is out of range, or options contradict each other.
 */
export function readTransferSettings(options: TransferOptions, binding: TransferBinding = {}): TransferSettings {
  const { startByte = 0, endByte, resumeLimit, retryForMs, resumeDelayMs = 250, clock = systemClock } = options;
  const { stallTimeoutMs = 30_000, digests = [], expect, fileName, fetch } = options;
  refusePinning(options);
  const whole = true;
  checkNumber("startByte", startByte, { from: 0, whole });
  if (endByte !== undefined) checkNumber("endByte", endByte, { from: startByte, whole });
  if (resumeLimit !== undefined) checkNumber("resumeLimit", resumeLimit, { from: 0, whole });
  if (retryForMs !== undefined) checkNumber("retryForMs", retryForMs, { from: 0, to: Infinity });
  checkNumber("resumeDelayMs", resumeDelayMs, { from: 0, whole });
  checkNumber("stallTimeoutMs", stallTimeoutMs, { from: 1, to: longestMs, whole });
  if (expect?.sizeBytes !== undefined) checkNumber("expect.sizeBytes", expect.sizeBytes, { from: startByte, whole });
  if (expect?.checksum !== undefined) requireWhole("expect.checksum", options);
  const label = fileName === undefined ? "the file" : quote(fileName);
  const proof = binding.proof ?? expectedProof(options, label, lateAlgorithms);
  return {
    startByte,
    endByte,
    prefix: undefined,
    expectedBytes: expect?.sizeBytes,
    expectedValidator: expect?.validator,
    digests: [...new Set([...digests, ...proof.algorithms])],
    createHasher: createWebHasher,
    proof,
    label,
    onReread: binding.onReread,
    resumeLimit,
    retryForMs,
    resumeDelayMs,
    clock,
    stallTimeoutMs,
    fileName,
    // Looked up at each request, so that a fetch that is installed later (by instrumentation, say) is used.
    fetch: fetch ?? ((input, init) => globalThis.fetch(input, init)),
    allowHttpTransfers: options.allowHttpTransfers ?? false,
    clientOrigin: binding.clientOrigin,
    onResume: options.onResume,
    onVerified: options.onVerified,
  };
}

/** An option that decides whom to trust must not be ignored. */
function refusePinning(options: TransferOptions): void {
  const given = foreign.find((name) => (options as Readonly<Record<string, unknown>>)[name] !== undefined);
  if (given === undefined) return;
  throw new TypeError(`Cannot use ${given}: fetch connects by itself, and shows no certificate that could be compared`);
}

/** Whether the options request a part of a file, of which nothing can be verified. */
export function isPart({ startByte = 0, endByte }: TransferOptions): boolean {
  return startByte > 0 || endByte !== undefined;
}

/** @throws TypeError: the options request a part of a file, and another option needs the whole file. */
export function requireWhole(option: string, options: TransferOptions): void {
  if (!isPart(options)) return;
  const [name, value] = options.endByte === undefined ? ["startByte", options.startByte] : ["endByte", options.endByte];
  throw new TypeError(`${option} requires the whole file: ${name} is ${value}`);
}
