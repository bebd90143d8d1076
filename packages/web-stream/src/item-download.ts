import { IntegrityError, PrepareError, TransferError } from "@carrel/core";
import type { CarrelClient, DownloadEvent } from "@carrel/core";
import { defined } from "@carrel/core/kit";
import {
  assertSafeNames,
  OverallProgress,
  patienceOf,
  ProgressMeter,
  quote,
  SessionSource,
} from "@carrel/core/transfer";
import type { SourceFile, TransferFacts } from "@carrel/core/transfer";
import type { FileTarget, OpenTarget } from "./directory.ts";
import type { DownloadItemOptions, DownloadReport, FileReport } from "./download-item.ts";
import { defaultPrepareTimeoutMs } from "./file-options.ts";
import { openSourceFile } from "./open-source-file.ts";
import type { TransferStream } from "./open-transfer.ts";

interface ItemDownloadParts {
  readonly client: CarrelClient;
  readonly itemId: string;
  readonly open: OpenTarget;
  readonly options: DownloadItemOptions;
  readonly emit: (event: DownloadEvent) => void;
  readonly signal: AbortSignal;
}

/** Downloads the files of one item under one session, which it replaces when it is lost. */
export class ItemDownload {
  readonly #parts: ItemDownloadParts;
  readonly #manifests = new Map<string, Promise<Uint8Array | undefined>>();
  /** All files of the item, also those that are not downloaded, such as manifests. */
  #listed: readonly SourceFile[] = [];

  constructor(parts: ItemDownloadParts) {
    this.#parts = parts;
  }

  async run(): Promise<DownloadReport> {
    const { client, itemId, options, emit, signal } = this.#parts;
    const startedAt = performance.now();
    const { prepareTimeoutMs = defaultPrepareTimeoutMs } = options;
    const source = await patienceOf(options, (cause, next) =>
      emit({ type: "retrying", cause: cause.toJSON(), ...next }),
    )(
      () =>
        SessionSource.open({
          client,
          itemId,
          signal,
          prepareTimeoutMs,
          onSession: (session) => emit({ type: "session", session }),
        }),
      signal,
    );
    try {
      this.#listed = await patienceOf(options)(() => source.files(signal), signal);
      const files = this.#select(this.#listed);
      emit({ type: "plan", ...planOf(files) });
      const sizes = new Map(files.map(({ name, sizeBytes }) => [name, sizeBytes]));
      const progress = new OverallProgress(sizes, (percent) => source.reportProgress(percent));
      const reports = await this.#downloadAll(source, files, progress);
      const receivedBytes = reports.reduce((sum, file) => sum + file.receivedBytes, 0);
      const durationMs = performance.now() - startedAt;
      emit({ type: "done", files: reports.length, receivedBytes, durationMs });
      return { itemId, contentVersion: source.contentVersion, files: reports, receivedBytes, durationMs };
    } finally {
      await source[Symbol.asyncDispose]();
    }
  }

  /** Downloads all files; where some fail, throws the first error after the others. */
  async #downloadAll(
    source: SessionSource,
    files: readonly SourceFile[],
    progress: OverallProgress,
  ): Promise<readonly FileReport[]> {
    const { emit, signal } = this.#parts;
    const reports: FileReport[] = [];
    const failures: unknown[] = [];
    for (const file of files) {
      try {
        reports.push(await this.#download(source, file, progress));
      } catch (error) {
        signal.throwIfAborted();
        if (!concernsOneFile(error) || error === source.failure) throw error;
        emit({ type: "failed", file: file.name, error: error.toJSON() });
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
    return reports;
  }

  #select(files: readonly SourceFile[]): readonly SourceFile[] {
    const { files: wanted } = this.#parts.options;
    const names = files.map(({ name }) => name);
    const missing = wanted?.find((name) => !names.includes(name));
    if (missing !== undefined) {
      throw new TransferError(`The item has no file ${quote(missing)}`, { problem: "no-match", retryable: false });
    }
    const selected = wanted === undefined ? files : files.filter(({ name }) => wanted.includes(name));
    assertSafeNames(selected.map(({ name }) => name));
    return selected;
  }

  async #download(source: SessionSource, file: SourceFile, progress: OverallProgress): Promise<FileReport> {
    const { client, emit, options, signal } = this.#parts;
    const { name } = file;
    let facts: TransferFacts | undefined;
    const stream = await openSourceFile({
      source,
      fileName: name,
      options: {
        ...options,
        signal,
        onResume: (resume) => {
          const { cause, ...rest } = resume;
          emit({ type: "resumed", file: name, cause: cause.toJSON(), ...rest });
          options.onResume?.(resume);
        },
        onVerified: (verified) => (facts = verified),
      },
      renewEndpoint: (request) =>
        source.endpoint(name, { signal: request.signal, ...defined({ cause: request.cause }) }),
      signal,
      binding: {
        clientOrigin: client.origin,
        onReread: (comparedBytes, keptBytes) => meter.reread(comparedBytes, keptBytes),
      },
      listed: Promise.resolve(this.#listed),
      manifests: this.#manifests,
      onPreparing: ({ bytes_transferred }) =>
        emit({ type: "preparing", file: name, preparedBytes: bytes_transferred ?? 0 }),
    });
    const meter = new ProgressMeter({
      file: name,
      totalBytes: () => stream.totalBytes ?? file.sizeBytes,
      startByte: 0,
      intervalMs: options.progressIntervalMs ?? 100,
      emit,
    });
    await this.#write(name, stream, (bytes) => {
      meter.add(bytes);
      progress.set(name, stream.receivedBytes);
    });
    meter.finish();
    // The stream has ended, and not before it was verified.
    const { sizeBytes, verifiedBy, fetchedBytes: receivedBytes, doubts, origin } = facts as unknown as TransferFacts;
    emit({ type: "finished", file: name, verifiedBy, sizeBytes, ...defined({ doubts, origin }) });
    return { name, sizeBytes, verifiedBy, receivedBytes, ...defined({ doubts }) };
  }

  /** Writes a stream to its target, which is closed when the bytes are verified and aborted where they are not. */
  async #write(name: string, stream: TransferStream, onBytes: (bytes: number) => void): Promise<void> {
    const { open } = this.#parts;
    let target: FileTarget | undefined;
    try {
      const opened = await open(name);
      target = "writable" in opened ? opened : { writable: opened };
    } catch (error) {
      await stream.cancel(error);
      throw error;
    }
    const counter = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        onBytes(chunk.byteLength);
        controller.enqueue(chunk);
      },
    });
    try {
      await stream.pipeThrough(counter).pipeTo(target.writable);
    } catch (error) {
      await target.discard?.();
      throw error;
    }
  }
}

function concernsOneFile(error: unknown): error is TransferError | IntegrityError | PrepareError {
  return error instanceof TransferError || error instanceof IntegrityError || error instanceof PrepareError;
}

function planOf(files: readonly SourceFile[]): Pick<Extract<DownloadEvent, { type: "plan" }>, "files" | "totalBytes"> {
  const sizes = files.map(({ sizeBytes }) => sizeBytes);
  const totalBytes = sizes.includes(undefined) ? undefined : sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
  return {
    files: files.map(({ name, sizeBytes }) => ({ name, ...defined({ sizeBytes }) })),
    ...defined({ totalBytes }),
  };
}
