import { IntegrityError } from "@carrel/core";
import { Break } from "./break.ts";
import type { TransferState, Verdict } from "./resume-rules.ts";
import { RunningDigest } from "./running-digest.ts";
import type { TransferSettings } from "./settings.ts";
import type { TransferValidator } from "./validator.ts";

/** How far the bytes of a file have come, with the digest of what was delivered. */
export class Progress {
  /** The next byte to deliver. */
  position: number;
  totalBytes: number | undefined;
  /** Over the network, those read more than once included. */
  fetchedBytes = 0;
  validator: TransferValidator;
  rangesWork = true;
  /** Whether there was a length to compare with, not only the end of a body. */
  lengthIsKnown = true;
  readonly digest: RunningDigest;
  readonly #settings: TransferSettings;
  readonly #digestFrom: number;
  #isBegun = false;
  #skipTo = 0;
  #bodyPosition = 0;
  #reread: RunningDigest | undefined;

  constructor(settings: TransferSettings) {
    const { startByte, options } = settings;
    this.#settings = settings;
    this.#digestFrom = options.prefix === undefined ? startByte : 0;
    this.digest = new RunningDigest(settings.digests);
    this.position = startByte;
    this.totalBytes = options.expect?.sizeBytes;
    this.validator = options.expect?.validator ?? {};
  }

  /** Whether the digest is that of the file from its first byte on. */
  get digestIsWhole(): boolean {
    return this.#digestFrom === 0;
  }

  /** Whether all bytes are delivered, so far as the length is known. Of an empty file too the server must have answered. */
  get isComplete(): boolean {
    return this.position === this.totalBytes && (this.position > 0 || this.#isBegun);
  }

  get state(): TransferState {
    const { options, startByte } = this.#settings;
    const spliceIsChecked = this.position === startByte || options.expect?.checksum !== undefined;
    const { position, totalBytes, validator, rangesWork } = this;
    return {
      position,
      lastByte: undefined,
      totalBytes,
      validator,
      rangesWork,
      spliceIsChecked,
    };
  }

  /** Takes the bytes before the first one to deliver into the digest. */
  async readPrefix(): Promise<void> {
    const { options, startByte, label } = this.#settings;
    if (options.prefix === undefined) return;
    let bytes = 0;
    for await (const chunk of options.prefix()) {
      bytes += chunk.byteLength;
      this.digest.update(chunk);
    }
    if (bytes !== startByte) {
      throw new RangeError(
        `The prefix of ${label} is ${bytes} bytes long and must be as long as startByte, ${startByte}.`,
      );
    }
  }

  /** A body begins, with so many bytes that are known already. */
  begin(verdict: Verdict & { readonly kind: "body" }): void {
    this.#isBegun = true;
    this.totalBytes = verdict.totalBytes ?? this.totalBytes;
    this.validator = { ...this.validator, ...verdict.validator };
    this.#bodyPosition = this.position - verdict.skipBytes;
    this.#skipTo = this.position;
    this.#reread = verdict.skipBytes > 0 ? this.digest.fresh() : undefined;
  }

  /** Takes bytes of the body; returns those to deliver. */
  take(chunk: Buffer): Buffer | undefined {
    this.fetchedBytes += chunk.length;
    const from = this.#bodyPosition;
    this.#bodyPosition += chunk.length;
    const fresh = from < this.#skipTo ? this.#skipped(chunk, from) : chunk;
    if (fresh === undefined) return undefined;
    if (this.totalBytes !== undefined && this.#bodyPosition > this.totalBytes) {
      throw new IntegrityError(`More bytes came than ${this.#settings.label} has, which is ${this.totalBytes}.`);
    }
    this.digest.update(fresh);
    this.position += fresh.length;
    return fresh;
  }

  /** The body came to its proper end. */
  end(): void {
    this.lengthIsKnown = this.totalBytes !== undefined;
    this.totalBytes ??= this.#reread === undefined ? this.position : undefined;
    if (this.isComplete && this.#reread === undefined) return;
    const { label } = this.#settings;
    throw new Break(
      new IntegrityError(
        `The server ended ${label} after ${this.#bodyPosition} bytes` +
          (this.totalBytes === undefined ? `, and had sent ${this.position} before.` : ` of ${this.totalBytes}.`),
      ),
    );
  }

  #skipped(chunk: Buffer, from: number): Buffer | undefined {
    const known = chunk.subarray(Math.max(this.#digestFrom - from, 0), this.#skipTo - from);
    this.#reread?.update(known);
    if (this.#bodyPosition < this.#skipTo) return undefined;
    if (this.#reread?.equals(this.digest) === false) {
      throw new IntegrityError(
        `${capital(this.#settings.label)} changed while it was transferred: read again, its first ${this.#skipTo} bytes are others.`,
      );
    }
    this.#reread = undefined;
    const fresh = chunk.subarray(this.#skipTo - from);
    return fresh.length > 0 ? fresh : undefined;
  }
}

function capital(label: string): string {
  return label.startsWith('"') ? label : label.charAt(0).toUpperCase() + label.slice(1);
}
