import type { CarrelError, DownloadEvent, DownloadFileInfo } from "@carrel/core";
import { defined } from "@carrel/core/kit";
import type { ItemSource, LeasedEndpoint, SourceFile } from "@carrel/core/transfer";

interface PrepareAheadOptions {
  readonly source: ItemSource;
  /** In the order of work. */
  readonly files: readonly SourceFile[];
  readonly emit: (event: DownloadEvent) => void;
}

/** The most files that are prepared before they are needed … */
const maxAheadFiles = 16;
/** … and the most bytes, so that small files do not wait for the server one after the other. At least one file. */
const maxAheadBytes = 67_108_864;

/** Has files prepared just in time: when one is needed, the server begins with those after it as well. */
export class PrepareAhead {
  readonly #options: PrepareAheadOptions;
  /** Files that the server has not been asked for yet. */
  readonly #waiting: string[];
  readonly #prepared = new Map<string, Promise<LeasedEndpoint>>();
  readonly #sizes = new Map<string, number>();
  /** Sizes of the files that are being prepared and not needed yet. */
  readonly #ahead = new Map<string, number>();

  constructor(options: PrepareAheadOptions) {
    this.#options = options;
    this.#waiting = options.files.map(({ name }) => name);
    for (const { name, sizeBytes } of options.files) if (sizeBytes !== undefined) this.#sizes.set(name, sizeBytes);
  }

  /** Returns the first endpoint of a file. */
  async endpoint(fileName: string, signal: AbortSignal): Promise<LeasedEndpoint> {
    const prepared = this.#prepared.get(fileName) ?? this.#prepare(fileName, signal);
    this.skip(fileName);
    this.#prepareNext(signal);
    return prepared;
  }

  /** Asks for another endpoint, after an earlier one stopped working. */
  async renewEndpoint(fileName: string, signal: AbortSignal, cause?: CarrelError): Promise<LeasedEndpoint> {
    const onProgress = (info: DownloadFileInfo): void => this.#onProgress(fileName, info);
    return this.#options.source.endpoint(fileName, { signal, onProgress, ...defined({ cause }) });
  }

  /** Returns the length that the server stated, at the latest while it prepared the file. */
  sizeOf(file: SourceFile): number | undefined {
    return this.#sizes.get(file.name);
  }

  /** Notes that a file needs no endpoint any more. */
  skip(fileName: string): void {
    this.#ahead.delete(fileName);
    const index = this.#waiting.indexOf(fileName);
    if (index >= 0) this.#waiting.splice(index, 1);
  }

  #prepareNext(signal: AbortSignal): void {
    let bytes = [...this.#ahead.values()].reduce((sum, size) => sum + size, 0);
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const size = this.#sizes.get(next) ?? maxAheadBytes;
      if (this.#ahead.size >= maxAheadFiles || (this.#ahead.size > 0 && bytes + size > maxAheadBytes)) return;
      bytes += size;
      void this.#prepare(next, signal);
      this.#ahead.set(next, size);
    }
  }

  #prepare(fileName: string, signal: AbortSignal): Promise<LeasedEndpoint> {
    this.skip(fileName);
    const prepared = this.renewEndpoint(fileName, signal);
    // It may be needed only later; until then a failure must not count as an unhandled rejection.
    prepared.catch(() => {});
    this.#prepared.set(fileName, prepared);
    return prepared;
  }

  #onProgress(file: string, info: DownloadFileInfo): void {
    if (info.size !== undefined) this.#sizes.set(file, info.size);
    // A file that is prepared ahead is not waited for, so its progress is not reported.
    if (info.status !== "PREPARED" && !this.#ahead.has(file)) {
      this.#options.emit({ type: "preparing", file, preparedBytes: info.bytes_transferred });
    }
  }
}
