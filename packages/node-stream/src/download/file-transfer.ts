import { systemClock, TransferError } from "@carrel/core";
import { defined } from "@carrel/core/kit";
import { defaultFactsTimeoutMs, deferredProof, ProgressMeter, quote, settledFacts } from "@carrel/core/transfer";
import { TransferReadable } from "../transfer/open-transfer.ts";
import type { FileFacts, FileWindow, SourceFile, TransferFacts } from "@carrel/core/transfer";
import type { TransferOptions } from "../transfer/transfer-options.ts";
import type { ItemState } from "./item-state.ts";
import type { PartialFile } from "../sink/sink.ts";
import { writeBlocks } from "./write-blocks.ts";

/** Bodies that end too early, although in good order, before the end is believed. */
const maxShortEnds = 3;

/** What the transfer of a file established. */
export interface TransferOutcome {
  /** What the server states about the file, now that all of it is here. */
  readonly facts: FileFacts;
  /** Whether an answer stated a length that the bytes agree with. */
  readonly lengthStated: boolean;
  readonly receivedBytes: number;
  /** The encoding that the server says the bytes have, if only a comparison can tell that they are the file's. */
  readonly encoding: string | undefined;
  /** Origin that the last of them came from; `undefined` if none did. */
  readonly origin: string | undefined;
}

interface FileTransferParts {
  readonly file: SourceFile;
  readonly item: ItemState;
  readonly partial: PartialFile;
  readonly signal: AbortSignal;
  /** Called when the last byte was written: from now on the file needs no slot. */
  readonly onLastByte: () => void;
}

/** Fetches the missing bytes of one file into its partial file. */
export class FileTransfer {
  readonly #file: SourceFile;
  readonly #item: ItemState;
  readonly #partial: PartialFile;
  readonly #signal: AbortSignal;
  readonly #onLastByte: () => void;

  constructor({ file, item, partial, signal, onLastByte }: FileTransferParts) {
    this.#file = file;
    this.#item = item;
    this.#partial = partial;
    this.#signal = signal;
    this.#onLastByte = onLastByte;
  }

  /**
   * Fetches the bytes, and asks the server afterwards what the file should be. If that is more than arrived (a truncated body
   * without a length looks whole), fetches the rest. Call it once.
   */
  async run(): Promise<TransferOutcome> {
    const partial = this.#partial;
    let receivedBytes = 0;
    for (let shortEnds = 0; ; shortEnds++) {
      const before = partial.sizeBytes;
      const transfer = await this.#transfer();
      this.#onLastByte();
      const { sizeBytes } = partial;
      receivedBytes += transfer?.fetchedBytes ?? sizeBytes - before;
      const lengthStated = transfer !== undefined && transfer.verifiedBy !== "nothing";
      const outcome: TransferOutcome = {
        facts: await this.#settledFacts(receivedBytes, lengthStated),
        lengthStated,
        receivedBytes,
        encoding: transfer?.contentEncoding,
        origin: receivedBytes === 0 ? undefined : transfer?.origin,
      };
      const isStuck = shortEnds > 0 && sizeBytes === before;
      // The number of encoded bytes says nothing about the file's length.
      const isEnd = shortEnds === maxShortEnds || isStuck || outcome.encoding !== undefined;
      if (isEnd || !(await this.#looksTruncated(outcome))) return outcome;
      this.#reportShortEnd(outcome.facts.sizeBytes);
    }
  }

  /** Transfers what is missing, into the partial file. */
  async #transfer(): Promise<TransferFacts | undefined> {
    const { ahead, blocks, emit, options, patience, pool, progress, rateLimit, session } = this.#item;
    const { name, within } = this.#file;
    const partial = this.#partial;
    const signal = this.#signal;
    const { sizeBytes: startByte } = partial;
    // A range cannot be empty.
    if (within !== undefined && startByte === this.#file.sizeBytes) return undefined;
    const offset = within?.startByte ?? 0;
    let facts: TransferFacts | undefined;
    const stream = new TransferReadable(
      (request) =>
        request.cause === undefined
          ? ahead.endpoint(name, signal)
          : ahead.renewEndpoint(name, request.signal, request.cause),
      {
        signal,
        startByte: offset + startByte,
        fileName: name,
        pool,
        ...(within === undefined ? this.#resumption() : this.#windowOf(within)),
        ...defined({
          session,
          maxBytesPerSecond: rateLimit,
          stallTimeoutMs: options.stallTimeoutMs,
          connectionsPerFile: options.connectionsPerFile,
          resumeLimit: options.resumeLimit,
          retryForMs: patience.retryForMs,
          clock: options.clock,
        }),
        onResume: ({ cause, ...rest }) => {
          const fromByte = rest.fromByte - offset;
          emit({ type: "resumed", file: name, cause: cause.toJSON(), ...rest, fromByte });
        },
        onVerified: (verified) => (facts = verified),
      },
      {
        proof: deferredProof,
        onReread: (comparedBytes, keptBytes) => meter.reread(comparedBytes, keptBytes),
        ...(within !== undefined && { partsOnly: true }),
      },
    );
    stream.opened.then(
      ({ validator }) => (partial.validator = validator),
      () => {},
    );
    const meter = new ProgressMeter({
      file: name,
      totalBytes: () => ahead.sizeOf(this.#file) ?? stream.totalBytes,
      startByte,
      intervalMs: options.progressIntervalMs ?? 100,
      emit,
    });
    const onWritten = (bytes: number): void => {
      meter.add(bytes);
      patience.progressed();
      progress.set(name, partial.sizeBytes);
    };
    await writeBlocks(stream, partial, { blocks, onWritten });
    meter.finish();
    return facts;
  }

  /** What a transfer is to continue: the bytes that are there, and what the server called the file then. */
  #resumption(): Pick<TransferOptions, "prefix" | "expect"> {
    const { readBack, sizeBytes, validator } = this.#partial;
    if (sizeBytes === 0) return {};
    return defined({
      prefix: readBack === undefined ? undefined : () => readBack(sizeBytes),
      expect: validator === undefined ? undefined : { validator },
    });
  }

  /** What is fetched of the file that another one is a part of: all of it of one version, or nothing. */
  #windowOf({ startByte, wholeBytes, validator }: FileWindow): Pick<TransferOptions, "endByte" | "expect"> {
    const endByte = startByte + (this.#file.sizeBytes ?? 0) - 1;
    return { endByte, expect: { sizeBytes: wholeBytes, validator } };
  }

  /** Asks the server about the file after its last byte arrived; waits for what it owes. */
  async #settledFacts(receivedBytes: number, lengthStated: boolean): Promise<FileFacts> {
    const { habits, options, source } = this.#item;
    const bytes = this.#partial.sizeBytes;
    const ask = (): Promise<FileFacts> => source.facts(this.#file, this.#signal);
    // An earlier run had all of it: after a download that did not take place the server owes nothing.
    if (bytes > 0 && receivedBytes === 0) return ask();
    return settledFacts(ask, {
      bytes,
      lengthStated,
      habits,
      timeoutMs: options.factsTimeoutMs ?? defaultFactsTimeoutMs,
      signal: this.#signal,
      clock: systemClock,
    });
  }

  /** Returns whether more may follow: the server has more, or no length was ever stated and the digest is not the file's. */
  async #looksTruncated({ facts, lengthStated }: TransferOutcome): Promise<boolean> {
    const { checksum, sizeBytes } = facts;
    if (sizeBytes !== undefined) return this.#partial.sizeBytes < sizeBytes;
    if (lengthStated || checksum === undefined) return false;
    return (await this.#partial.digest(checksum.algorithm, this.#signal)) !== checksum.hex;
  }

  #reportShortEnd(expectedBytes: number | undefined): void {
    const { name } = this.#file;
    const { sizeBytes } = this.#partial;
    const of = expectedBytes === undefined ? "" : ` of ${expectedBytes}`;
    const cause = new TransferError(`The transfer of ${quote(name)} ended at byte ${sizeBytes}${of}`, {
      problem: "broken",
    });
    this.#item.emit({ type: "resumed", file: name, fromByte: sizeBytes, cause: cause.toJSON() });
  }
}
