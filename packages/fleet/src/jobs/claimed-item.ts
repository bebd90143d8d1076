import type { CarrelClient } from "@carrel/core";
import { VcenterItem } from "@carrel/node-stream/source";
import type { ListedFile, OpenSourceOptions, RemoteItem, SynchronizeOptions } from "@carrel/node-stream/source";
import type { MirrorSource } from "@carrel/mirror/source";
import type { Claim } from "../claim.ts";

type ItemSource = Awaited<ReturnType<RemoteItem["open"]>>;

/** A library as it is read for one item under a claim. */
export function claimedSource(client: CarrelClient, claim: Claim): MirrorSource {
  let contentVersion = "";
  const { library, item } = client;
  return {
    library,
    item: {
      list: (query, options) => item.list(query, options),
      get: async (id, options) => {
        const model = await item.get(id, options);
        contentVersion = model.content_version ?? model.version ?? "";
        return model;
      },
      file: item.file,
    },
    remoteItem: (itemId) => new ClaimedItem(client, itemId, claim, contentVersion),
  };
}

/**
 * An item that is downloaded under a claim: in the download session of the attempt before, where that is still there, and in none
 * that is not written down before the first transfer.
 */
class ClaimedItem implements RemoteItem {
  readonly itemId: string;
  readonly #client: CarrelClient;
  readonly #claim: Claim;
  readonly #contentVersion: string;
  readonly #item: VcenterItem;

  constructor(client: CarrelClient, itemId: string, claim: Claim, contentVersion: string) {
    this.itemId = itemId;
    this.#client = client;
    this.#claim = claim;
    this.#contentVersion = contentVersion;
    this.#item = new VcenterItem(client, itemId);
  }

  get origin(): string {
    return this.#item.origin;
  }

  get session(): RemoteItem["session"] {
    return this.#item.session;
  }

  contentVersion(signal: AbortSignal): Promise<string | undefined> {
    return this.#item.contentVersion(signal);
  }

  listFiles(signal: AbortSignal): Promise<readonly ListedFile[] | undefined> {
    return this.#item.listFiles(signal);
  }

  synchronize(options: SynchronizeOptions): Promise<void> {
    return this.#item.synchronize(options);
  }

  async open(options: OpenSourceOptions): Promise<ItemSource> {
    const claim = this.#claim;
    const known = claim.session;
    const isSame = known !== undefined && known.contentVersion === this.#contentVersion;
    // Of an earlier content version: its URLs may lead to files that are no longer the item's.
    if (known !== undefined && !isSame) await endSession(this.#client, claim);
    const item = new VcenterItem(this.#client, this.itemId, {
      ...(isSame && { adopt: known.id }),
      clientToken: () => claim.nextToken(),
    });
    const source = await item.open({
      ...options,
      onSession: (session) => {
        claim.noteSession(session.id, this.#contentVersion);
        options.onSession(session);
      },
    });
    try {
      await claim.save();
      return source;
    } catch (error) {
      await source[Symbol.asyncDispose]();
      throw error;
    }
  }
}

/** Ends the download session that an attempt before left, if there is one. Never rejects: it expires by itself at the latest. */
export async function endSession(client: CarrelClient, claim: Claim): Promise<void> {
  const { session } = claim;
  if (session === undefined) return;
  await client.downloadSession.delete(session.id).catch(() => undefined);
  claim.forgetSession();
}
