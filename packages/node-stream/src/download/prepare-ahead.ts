import type { DownloadEvent, DownloadFileInfo } from "@carrel/core";
import type { LeasedEndpoint } from "../transfer/transfer-options.ts";
import type { ItemSource, SourceFile } from "./item-source.ts";

interface PrepareAheadOptions {
  readonly source: ItemSource;
  /** In the order of work. */
  readonly files: readonly SourceFile[];
  readonly emit: (event: DownloadEvent) => void;
}

/** Files that are made ready before they are asked for: at most so many … */
const aheadFiles = 16;
/** … and so many bytes, so that small files do not wait for the server one after the other; at least one. */
const aheadBytes = 67_108_864;

/** Has files made ready just in time: when one is asked for, the server begins with those after it as well. */
export class PrepareAhead {
  readonly #options: PrepareAheadOptions;
  readonly #waiting: string[];
  readonly #prepared = new Map<string, Promise<LeasedEndpoint>>();
  readonly #sizes = new Map<string, number>();
  /** Sizes of the files that were begun and not asked for yet. */
  readonly #ahead = new Map<string, number>();

  constructor(options: PrepareAheadOptions) {
    this.#options = options;
    this.#waiting = options.files.map(({ name }) => name);
    for (const { name, sizeBytes } of options.files) if (sizeBytes !== undefined) this.#sizes.set(name, sizeBytes);
  }

  /** The first endpoint of a file. */
  async endpoint(fileName: string, signal: AbortSignal): Promise<LeasedEndpoint> {
    const prepared = this.#prepared.get(fileName) ?? this.#start(fileName, signal);
    this.skip(fileName);
    this.#startAhead(signal);
    return prepared;
  }

  /** Another endpoint, after the one before was worn out. */
  async again(fileName: string, signal: AbortSignal): Promise<LeasedEndpoint> {
    const onProgress = (info: DownloadFileInfo): void => this.#tell(fileName, info);
    return this.#options.source.endpoint(fileName, { signal, onProgress });
  }

  /** The length that the server told while it prepared the file. */
  sizeOf(file: SourceFile): number | undefined {
    return this.#sizes.get(file.name);
  }

  /** The file needs no endpoint: it is there already. */
  skip(fileName: string): void {
    this.#ahead.delete(fileName);
    const index = this.#waiting.indexOf(fileName);
    if (index >= 0) this.#waiting.splice(index, 1);
  }

  #startAhead(signal: AbortSignal): void {
    let bytes = [...this.#ahead.values()].reduce((sum, size) => sum + size, 0);
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const size = this.#sizes.get(next) ?? aheadBytes;
      if (this.#ahead.size >= aheadFiles || (this.#ahead.size > 0 && bytes + size > aheadBytes)) return;
      bytes += size;
      void this.#start(next, signal);
      this.#ahead.set(next, size);
    }
  }

  #start(fileName: string, signal: AbortSignal): Promise<LeasedEndpoint> {
    this.skip(fileName);
    const prepared = this.again(fileName, signal);
    // It may be asked for only later; until then a failure must not count as unhandled.
    prepared.catch(() => {});
    this.#prepared.set(fileName, prepared);
    return prepared;
  }

  #tell(file: string, info: DownloadFileInfo): void {
    if (info.size !== undefined) this.#sizes.set(file, info.size);
    // Of those that nobody waits for there is nothing to tell.
    if (info.status !== "PREPARED" && !this.#ahead.has(file)) {
      this.#options.emit({ type: "preparing", file, preparedBytes: info.bytes_transferred });
    }
  }
}
