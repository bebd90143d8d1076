import type { DownloadEvent, DownloadFileInfo } from "@carrel/core";
import type { LeasedEndpoint } from "../transfer/transfer-source.ts";
import type { ItemSource, SourceFile } from "./item-source.ts";

interface PrepareAheadOptions {
  readonly source: ItemSource;
  /** In the order of work. */
  readonly files: readonly SourceFile[];
  readonly emit: (event: DownloadEvent) => void;
}

/** Has files made ready just in time: when one is asked for, the server begins with the one after it as well. */
export class PrepareAhead {
  readonly #options: PrepareAheadOptions;
  readonly #waiting: string[];
  readonly #prepared = new Map<string, Promise<LeasedEndpoint>>();
  readonly #sizes = new Map<string, number>();

  constructor(options: PrepareAheadOptions) {
    this.#options = options;
    this.#waiting = options.files.map(({ name }) => name);
  }

  /** The first endpoint of a file. */
  async endpoint(fileName: string, signal: AbortSignal): Promise<LeasedEndpoint> {
    const prepared = this.#prepared.get(fileName) ?? this.#start(fileName, signal);
    const endpoint = await prepared;
    const next = this.#waiting[0];
    if (next !== undefined) void this.#start(next, signal);
    return endpoint;
  }

  /** Another endpoint, after the one before was worn out. */
  async again(fileName: string, signal: AbortSignal): Promise<LeasedEndpoint> {
    const onProgress = (info: DownloadFileInfo): void => this.#tell(fileName, info);
    return this.#options.source.endpoint(fileName, { signal, onProgress });
  }

  /** The length that the server told while it prepared the file. */
  sizeOf(file: SourceFile): number | undefined {
    return this.#sizes.get(file.name) ?? file.sizeBytes;
  }

  /** The file needs no endpoint: it is there already. */
  skip(fileName: string): void {
    const index = this.#waiting.indexOf(fileName);
    if (index >= 0) this.#waiting.splice(index, 1);
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
    if (info.status !== "PREPARED") {
      this.#options.emit({ type: "preparing", file, preparedBytes: info.bytes_transferred });
    }
  }
}
