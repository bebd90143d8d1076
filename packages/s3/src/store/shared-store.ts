import { StoreClients } from "./store-clients.ts";
import type { StoreOptions } from "./store-clients.ts";
import { Store } from "./store.ts";
import type { MissingFeature } from "./store-features.ts";

/** One store for several users, which have its credentials and connections in common. The last one closes the connections. */
export class SharedStore {
  readonly bucket: string;
  readonly #options: StoreOptions;
  readonly #onMissing: ((feature: MissingFeature, storeCode: string) => void) | undefined;
  #opened: { readonly clients: StoreClients; readonly store: Store } | undefined;
  #users = 0;
  #usable: Promise<void> | undefined;

  constructor(bucket: string, options: StoreOptions, onMissing?: (feature: MissingFeature, storeCode: string) => void) {
    this.bucket = bucket;
    this.#options = options;
    this.#onMissing = onMissing;
  }

  acquire(): Store {
    this.#users += 1;
    if (this.#opened === undefined) {
      const clients = new StoreClients(this.#options);
      this.#opened = { clients, store: new Store(this.bucket, clients, this.#onMissing) };
    }
    return this.#opened.store;
  }

  release(): void {
    this.#users -= 1;
    if (this.#users === 0) this.#opened?.clients.close();
  }

  /** Asks once; again if the answer was an error. */
  async assertUsable(prefix: string): Promise<void> {
    const store = this.#opened?.store;
    this.#usable ??= store?.assertUsable(prefix);
    try {
      await this.#usable;
    } catch (error) {
      this.#usable = undefined;
      throw error;
    }
  }
}
