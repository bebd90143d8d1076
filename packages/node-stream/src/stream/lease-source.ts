import { ServerError } from "@carrel/core";
import type { DownloadLease, ItemFileInfo } from "@carrel/core";
import type { EndpointOptions, FileFacts, ItemSource, SourceFile } from "../download/item-source.ts";
import { readChecksum, readSizeBytes, strongerOf } from "../files/checksum.ts";
import type { LeasedEndpoint } from "../transfer/transfer-options.ts";

/** The files of an item under a lease of somebody else's, who closes it. */
export class LeaseSource implements ItemSource {
  readonly contentVersion: string | undefined;
  readonly failure: undefined;
  readonly server: object;
  readonly #lease: DownloadLease;
  readonly #prepareTimeoutMs: number;

  constructor(lease: DownloadLease, prepareTimeoutMs: number) {
    const snapshot = lease.getSnapshot();
    this.contentVersion = "session" in snapshot ? snapshot.session.contentVersion : undefined;
    this.#lease = lease;
    this.server = lease;
    this.#prepareTimeoutMs = prepareTimeoutMs;
  }

  async files(signal: AbortSignal): Promise<readonly SourceFile[]> {
    const [inSession, inLibrary] = await Promise.all([this.#lease.files({ signal }), this.#itemFiles(signal)]);
    return inSession.map((file) => ({
      name: file.name,
      sizeBytes: readSizeBytes(file.size),
      checksum: strongerOf(readChecksum(file.checksum_info), readChecksum(inLibrary.get(file.name)?.checksum_info)),
      contentVersion: this.contentVersion ?? "",
    }));
  }

  async endpoint(fileName: string, { signal }: EndpointOptions): Promise<LeasedEndpoint> {
    const endpoint = await this.#lease.endpoint(fileName, { signal, timeoutMs: this.#prepareTimeoutMs });
    return { endpoint, clientOrigin: this.#lease.origin };
  }

  async facts(file: SourceFile, signal: AbortSignal): Promise<FileFacts> {
    const info = await this.#lease.file(file.name, { signal });
    return {
      sizeBytes: readSizeBytes(info.size),
      checksum: readChecksum(info.checksum_info) ?? file.checksum,
      isFinal: false,
    };
  }

  reportProgress(): void {}

  async [Symbol.asyncDispose](): Promise<void> {}

  async #itemFiles(signal: AbortSignal): Promise<ReadonlyMap<string, ItemFileInfo>> {
    try {
      const files = await this.#lease.itemFiles({ signal });
      return new Map(files.map((file) => [file.name, file]));
    } catch (error) {
      if (error instanceof ServerError && error.code !== "NOT_FOUND" && error.code !== "BUSY") return new Map();
      throw error;
    }
  }
}
