import { TransferError } from "@carrel/core";
import type { CarrelClient, ItemFileInfo } from "@carrel/core";
import { quote, readChecksum } from "@carrel/core/transfer";
import type { FileFacts, ItemSource, LeasedEndpoint, PreparationOptions, SourceFile } from "@carrel/core/transfer";

/** The files of an item at static URLs, which need no session (vCenter 9.0 and later). */
export class StaticSource implements ItemSource {
  readonly contentVersion: string | undefined;
  readonly failure: undefined;
  readonly server: object;
  readonly #client: CarrelClient;
  readonly #itemId: string;

  private constructor(client: CarrelClient, itemId: string, contentVersion: string | undefined) {
    this.#client = client;
    this.server = client;
    this.#itemId = itemId;
    this.contentVersion = contentVersion;
  }

  static async open(client: CarrelClient, itemId: string, signal: AbortSignal): Promise<StaticSource> {
    const item = await client.item.get(itemId, { signal });
    return new StaticSource(client, itemId, item.content_version);
  }

  async files(signal: AbortSignal): Promise<readonly SourceFile[]> {
    const files = await this.#client.item.file.list(this.#itemId, { signal });
    return files.map((file) => ({
      name: file.name,
      // The listed size is the space used on storage, not the length.
      sizeBytes: undefined,
      checksum: readChecksum(file.checksum_info),
      contentVersion: file.version,
    }));
  }

  async endpoint(fileName: string, { signal }: PreparationOptions): Promise<LeasedEndpoint> {
    const file = await this.#client.item.file.get(this.#itemId, { name: fileName }, { signal });
    const endpoint = file.file_download_endpoint;
    if (endpoint === undefined) throw withoutUrl(file);
    return { endpoint: { uri: endpoint }, contentVersion: file.version };
  }

  async facts(file: SourceFile, signal: AbortSignal): Promise<FileFacts> {
    const now = await this.#client.item.file.get(this.#itemId, { name: file.name }, { signal });
    const isSame = now.version === file.contentVersion;
    const checksum = (isSame ? readChecksum(now.checksum_info) : undefined) ?? file.checksum;
    return { sizeBytes: undefined, checksum, isFinal: true };
  }

  reportProgress(): void {}

  async [Symbol.asyncDispose](): Promise<void> {}
}

function withoutUrl(file: ItemFileInfo): TransferError {
  const reason = file.cached
    ? "the server states no static URL for it (only vCenter 9.0 and later do, and not for VM templates)"
    : "it is not on disk at this vCenter (the item is not synchronized)";
  return new TransferError(`Cannot download ${quote(file.name)} without a session: ${reason}`, {
    problem: "endpoint",
    retryable: false,
  });
}
