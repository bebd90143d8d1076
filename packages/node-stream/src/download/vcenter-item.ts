import type { CarrelClient } from "@carrel/core";
import { libraryFiles, readChecksum, SessionSource } from "@carrel/core/transfer";
import type { TransferSession } from "../transfer/transfer-options.ts";
import type { ItemSource } from "@carrel/core/transfer";
import type { ListedFile, OpenSourceOptions, RemoteItem, SynchronizeOptions } from "./remote-item.ts";
import { StaticSource } from "./static-source.ts";
import { syncItem } from "./sync-item.ts";

/**
 * Which download session an item is opened with.
 *
 * @private Does not follow semantic versioning.
 */
export interface SessionChoice {
  /** Id of a session to take over, where it still exists and is of this content version of the item. */
  readonly adopt?: string;
  /** Returns the client token of the next session that is created. */
  readonly clientToken?: () => string;
}

/**
 * An item of a library at a vCenter.
 *
 * @private Does not follow semantic versioning.
 */
export class VcenterItem implements RemoteItem {
  readonly itemId: string;
  readonly #client: CarrelClient;
  readonly #session: SessionChoice;

  constructor(client: CarrelClient, itemId: string, session: SessionChoice = {}) {
    this.#client = client;
    this.itemId = itemId;
    this.#session = session;
  }

  get origin(): string {
    return this.#client.origin;
  }

  get session(): TransferSession {
    return this.#client;
  }

  async contentVersion(signal: AbortSignal): Promise<string | undefined> {
    return (await this.#client.item.get(this.itemId, { signal })).content_version;
  }

  async listFiles(signal: AbortSignal): Promise<readonly ListedFile[] | undefined> {
    const files = await libraryFiles(() => this.#client.item.file.list(this.itemId, { signal }));
    return files?.map(({ name, checksum_info }) => ({ name, checksum: readChecksum(checksum_info) }));
  }

  async synchronize(options: SynchronizeOptions): Promise<void> {
    await syncItem(this.#client, this.itemId, options);
  }

  async open({ isStatic, prepareTimeoutMs, onSession, signal }: OpenSourceOptions): Promise<ItemSource> {
    const { itemId } = this;
    const client = this.#client;
    if (isStatic) return StaticSource.open(client, itemId, signal);
    return SessionSource.open({ client, itemId, signal, prepareTimeoutMs, onSession, ...this.#session });
  }
}
