import { IntegrityError, TransferError } from "../errors/transfer-errors.ts";
import type { ChecksumAlgorithm } from "../gen/models.gen.ts";
import { DeliveredDigest, RunningDigest } from "./running-digest.ts";
import type { CreateHasher, Reread } from "./running-digest.ts";
import { Interruption } from "./interruption.ts";
import type { Proof } from "./proof.ts";
import { isStrong } from "./response-head.ts";
import type { TransferValidator } from "./response-head.ts";
import type { GoodVerdict, TransferState } from "./resume-rules.ts";

/** Readings from the start that another ETag or Last-Modified may cause in one transfer. */
const maxChanges = 5;

/**
 * What of a file is delivered, and what is known of it beforehand.
 *
 * @private Does not follow semantic versioning.
 */
export interface ProgressSettings {
  readonly startByte: number;
  /** The last byte to deliver; `undefined` for the end of the file. */
  readonly endByte: number | undefined;
  /** The bytes before `startByte`, where they can be read. */
  readonly prefix: (() => AsyncIterable<Uint8Array>) | undefined;
  /** Expected length of the whole file. */
  readonly expectedBytes: number | undefined;
  readonly expectedValidator: TransferValidator | undefined;
  readonly digests: readonly ChecksumAlgorithm[];
  readonly createHasher: CreateHasher;
  readonly proof: Proof;
  /** For messages: the file's name in quotes, or "the file". */
  readonly label: string;
  /**
   * Called with each chunk that was delivered before, which the server sends again because it does not honour ranges: up to
   * which byte of the file it has been compared, and where new bytes begin.
   */
  readonly onReread: ((comparedBytes: number, deliveredBytes: number) => void) | undefined;
}

/**
 * How far the bytes of a file have come, with the digest of what was delivered.
 *
 * @private Does not follow semantic versioning.
 */
export class Progress {
  /** The next byte to deliver. */
  position: number;
  totalBytes: number | undefined;
  /** Over the network, those read more than once included. */
  fetchedBytes = 0;
  validator: TransferValidator;
  rangesWork = true;
  /** The stated encoding of the bytes, where only a comparison can show that they are the file's. */
  encoding: string | undefined;
  /** Whether there was a length to compare with, rather than only the end of a body. */
  lengthIsKnown = true;
  readonly digest: RunningDigest;
  readonly #settings: ProgressSettings;
  readonly #delivered: DeliveredDigest;
  /** Whether the server has sent, or begun to send, what was requested. */
  #isAnswered = false;
  /** How often the whole file was read again because its ETag or Last-Modified differed. */
  #changes = 0;
  /** One past the last byte to deliver. */
  readonly #limit: number;
  #skipTo = 0;
  #bodyPosition = 0;
  #bodyEnd: number | undefined;
  #reread: Reread | undefined;
  /** The validator of the body that is compared: it is that of the delivered bytes only if they are equal. */
  #unproven: TransferValidator | undefined;

  constructor(settings: ProgressSettings) {
    const { startByte, endByte, prefix, digests, expectedBytes, expectedValidator = {} } = settings;
    this.#limit = endByte === undefined ? Infinity : endByte + 1;
    this.#settings = settings;
    this.digest = new RunningDigest(digests, settings.createHasher);
    this.#delivered = new DeliveredDigest(startByte, prefix, this.digest);
    this.position = startByte;
    this.totalBytes = expectedBytes;
    this.validator = expectedValidator;
  }

  /** Whether the digest, where one is needed, is that of the whole file, from its first byte to its last. */
  get isWhole(): boolean {
    const { proof, startByte, prefix } = this.#settings;
    // Who compares the bytes elsewhere has those before the start as well.
    const fromFirst = startByte === 0 || prefix !== undefined || proof.isDeferred === true;
    return fromFirst && this.position === this.totalBytes;
  }

  /** One past the last byte to deliver, once it is known. */
  get endPosition(): number | undefined {
    const end = Math.min(this.#limit, this.totalBytes ?? Infinity);
    return end === Infinity ? undefined : end;
  }

  /** Whether all bytes are delivered, so far as the length is known. Even for an empty file the server must have responded. */
  get isComplete(): boolean {
    return this.position === this.endPosition && (this.position > 0 || this.#isAnswered);
  }

  /** Whether the body contains more than is to be delivered, and everything that is has arrived. */
  get hasEnough(): boolean {
    return this.position === this.#limit && (this.#bodyEnd ?? Infinity) > this.#limit;
  }

  get state(): TransferState {
    const { proof, startByte, endByte, prefix, expectedValidator } = this.#settings;
    // Bytes before the start that the caller knows by a validator alone can be compared with nothing else.
    const isDelivered = this.position > startByte || (this.#isAnswered && expectedValidator === undefined);
    const spliceIsChecked = this.position === startByte || (proof.isSure && endByte === undefined);
    const { position, totalBytes, validator, rangesWork } = this;
    return {
      position,
      lastByte: endByte,
      totalBytes,
      validator,
      rangesWork,
      spliceIsChecked,
      canCompare: isDelivered || prefix !== undefined,
    };
  }

  /** Adds the bytes before the first one to deliver to the digest. */
  async readPrefix(): Promise<void> {
    const { prefix, proof, startByte, label } = this.#settings;
    if (prefix === undefined || (this.digest.isEmpty && proof.watch === undefined)) return;
    let bytes = 0;
    for await (const chunk of prefix()) {
      bytes += chunk.byteLength;
      this.digest.update(chunk);
      proof.watch?.(chunk);
    }
    if (bytes !== startByte) {
      throw new RangeError(
        `The prefix of ${label} must be as long as startByte: got ${bytes} bytes, expected ${startByte}`,
      );
    }
  }

  /** A body begins, with as many bytes that were delivered already as the verdict says. */
  async begin(verdict: GoodVerdict): Promise<void> {
    if (verdict.kind === "complete") {
      this.#isAnswered = true;
      this.totalBytes = this.position;
      return;
    }
    const { etag } = verdict.validator;
    const isSame = isStrong(etag) && etag === this.validator.etag;
    this.#isAnswered = true;
    if (verdict.totalBytes !== undefined && verdict.totalBytes < this.position) {
      throw this.#endsBefore(verdict.totalBytes);
    }
    this.totalBytes = verdict.totalBytes ?? this.totalBytes;
    this.encoding ??= verdict.encoding;
    if (verdict.changed !== undefined) this.#countChange(verdict.changed);
    this.#unproven = undefined;
    // A validator says nothing of bytes that are still to be compared: after an interruption it must not vouch for them. And
    // where nothing was delivered, that of an earlier response says nothing of the bytes to come.
    if (verdict.changed !== undefined && verdict.skipBytes > 0) this.#unproven = verdict.validator;
    else if (verdict.changed !== undefined || this.position === 0) this.validator = verdict.validator;
    else this.validator = { ...this.validator, ...verdict.validator };
    this.#bodyPosition = this.position - verdict.skipBytes;
    this.#bodyEnd = verdict.bodyBytes === undefined ? this.totalBytes : this.#bodyPosition + verdict.bodyBytes;
    this.#skipTo = this.position;
    this.#reread = undefined;
    // A strong ETag vouches for the bytes: as long as it stays the same, they need not be compared.
    if (verdict.skipBytes > 0 && !isSame) this.#reread = await this.#delivered.reread(this.position);
  }

  /** Takes bytes of the body; returns those to deliver. */
  take(chunk: Uint8Array): Uint8Array | undefined {
    this.fetchedBytes += chunk.length;
    const from = this.#bodyPosition;
    this.#bodyPosition += chunk.length;
    const fresh = from < this.#skipTo ? this.#skip(chunk, from) : chunk;
    if (fresh === undefined) return undefined;
    if (this.#bodyEnd !== undefined && this.#bodyPosition > this.#bodyEnd) {
      throw new IntegrityError(
        `The server sent more than the expected ${this.#bodyEnd} bytes of ${this.#settings.label}`,
        { problem: "length" },
      );
    }
    const wanted = this.position + fresh.length > this.#limit ? fresh.subarray(0, this.#limit - this.position) : fresh;
    if (wanted.length === 0) return undefined;
    this.deliver(wanted);
    return wanted;
  }

  /** Counts the next bytes of the file, which are being delivered. */
  deliver(fresh: Uint8Array): void {
    this.digest.update(fresh);
    this.#settings.proof.watch?.(fresh);
    this.#delivered.update(fresh);
    this.position += fresh.length;
  }

  /** The body came to its proper end. Throws where that is too early. */
  end(): void {
    const { label } = this.#settings;
    if (this.#bodyPosition < (this.#bodyEnd ?? this.#skipTo)) {
      const expected =
        this.totalBytes === undefined
          ? `${this.#bodyPosition} bytes, although it had sent ${this.#skipTo} before`
          : `${this.#bodyPosition} of ${this.totalBytes} bytes`;
      throw new Interruption(new IntegrityError(`The server ended ${label} after ${expected}`, { problem: "length" }));
    }
    this.lengthIsKnown = this.totalBytes !== undefined;
    this.totalBytes ??= this.position;
  }

  /** The file turned out to be longer than the bytes that arrived, which seemed to be all. */
  expectMore(expectedBytes: number): Interruption {
    this.totalBytes = expectedBytes;
    const { label } = this.#settings;
    return new Interruption(
      new IntegrityError(`The server ended ${label} after ${this.position} of ${expectedBytes} bytes`, {
        problem: "length",
      }),
    );
  }

  /** Only the validator differs, as with another back end: the body is compared with the delivered bytes. */
  #countChange(reason: string): void {
    this.#changes += 1;
    // The new validator may hold for the next range, from the same back end.
    this.rangesWork = true;
    if (this.#changes <= maxChanges) return;
    throw new TransferError(
      `Cannot resume ${this.#settings.label}: the server identifies it differently each time (${reason}, after reading it ${maxChanges} times from its start)`,
      { problem: "no-range" },
    );
  }

  #endsBefore(totalBytes: number): IntegrityError {
    const { label } = this.#settings;
    return new IntegrityError(`Cannot read ${label} from byte ${this.position}: it is ${totalBytes} bytes long`, {
      problem: this.position > this.#settings.startByte ? "changed" : "length",
    });
  }

  /** Compares bytes that were delivered before; returns those after them. */
  #skip(chunk: Uint8Array, from: number): Uint8Array | undefined {
    const skipped = this.#skipTo - from;
    this.#reread?.update(chunk.subarray(0, skipped));
    this.#settings.onReread?.(Math.min(this.#bodyPosition, this.#skipTo), this.#skipTo);
    if (this.#bodyPosition < this.#skipTo) return undefined;
    if (this.#reread?.isEqual === false) {
      throw new IntegrityError(
        `Cannot resume ${this.#settings.label}: it changed on the server (its first ${this.#skipTo} bytes differ)`,
        { problem: "changed" },
      );
    }
    this.#reread = undefined;
    this.validator = this.#unproven ?? this.validator;
    this.#unproven = undefined;
    return chunk.length > skipped ? chunk.subarray(skipped) : undefined;
  }
}
