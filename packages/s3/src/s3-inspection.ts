import { credentialSource } from "./inspection/credential-source.ts";
import type { CredentialSource } from "./inspection/credential-source.ts";
import { endUpload, listIncompleteUploads } from "./inspection/incomplete-uploads.ts";
import type { EndedUpload, IncompleteUpload, IncompleteUploads } from "./inspection/incomplete-uploads.ts";
import { readLifecycle } from "./inspection/lifecycle.ts";
import type { LifecycleState } from "./inspection/lifecycle.ts";
import { tryStore } from "./inspection/trial.ts";
import type { Trial } from "./inspection/trial.ts";
import { Keys } from "./store/keys.ts";
import { parseS3Address } from "./store/s3-address.ts";
import { StoreClients } from "./store/store-clients.ts";
import type { StoreOptions } from "./store/store-clients.ts";
import { storeError } from "./store/store-error.ts";
import type { MissingFeature } from "./store/store-features.ts";
import { Store } from "./store/store.ts";

/** How requests go to a store. */
export interface StoreRoute {
  readonly endpoint: string;
  readonly region: string;
}

/** Which credentials are used. */
export interface StoreCredentials {
  readonly source: CredentialSource;
  /** The end of the id of the key, which is not a secret. */
  readonly keyEnd: string;
  readonly expiresAt: Date | undefined;
}

/**
 * Finds out whether a bucket, or a prefix in one, can be used, and what is left there. The checks of `carrel doctor s3://…`.
 * Disposal closes the connections.
 *
 * Errors are `StoreError`s.
 *
 * @example
 * ```ts
 * import { S3Inspection } from "@carrel/s3";
 *
 * async function isTrustworthy(signal: AbortSignal): Promise<boolean> {
 *   await using inspection = new S3Inspection("s3://images/lab");
 *   const { damagedBytes, writeConditions } = await inspection.tryStore(signal);
 *   return damagedBytes === "refused" && writeConditions === "honoured";
 * }
 * ```
 */
export class S3Inspection implements AsyncDisposable {
  readonly location: string;
  readonly #clients: StoreClients;
  readonly #keys: Keys;
  readonly #store: Store;
  readonly #missing = new Set<MissingFeature>();
  #clockAheadMs = 0;

  /** @throws `TypeError`: the address is wrong. Nothing is sent yet. */
  constructor(address: string, options: StoreOptions = {}) {
    const { bucket, prefix } = parseS3Address(address);
    this.location = prefix === "" ? `s3://${bucket}` : `s3://${bucket}/${prefix}`;
    this.#clients = new StoreClients(options);
    this.#keys = new Keys(prefix);
    this.#store = new Store(bucket, this.#clients, (feature) => this.#missing.add(feature));
  }

  /** Returns where requests go. Sends nothing. */
  async route(): Promise<StoreRoute> {
    const { config } = this.#clients.repeating;
    const region = await this.#local(() => config.region());
    const named = await config.endpoint?.();
    const port = named?.port === undefined ? "" : `:${named.port}`;
    const endpoint = named && `${named.protocol}//${named.hostname}${port}${named.path === "/" ? "" : named.path}`;
    return { endpoint: endpoint ?? `https://s3.${region}.amazonaws.com`, region };
  }

  /** Returns which credentials are used. Sends nothing to the store, but may ask who provides them. */
  async credentials(): Promise<StoreCredentials> {
    const found = await this.#local(() => this.#clients.repeating.config.credentials());
    return { source: credentialSource(found), keyEnd: found.accessKeyId.slice(-4), expiresAt: found.expiration };
  }

  /** Lists a single object. */
  async assertUsable(): Promise<void> {
    await this.#store.assertUsable(this.#keys.prefix);
  }

  /**
   * Tries what uploads need with an object of a few bytes below `.carrel/`: writes under conditions, damaged bytes, an upload in
   * parts. Afterwards nothing of it is left, also where a step failed. Costs some 15 requests.
   */
  async tryStore(signal: AbortSignal): Promise<Trial> {
    const trial = await tryStore(this.#store, this.#keys.prefix, { missing: this.#missing, signal });
    this.#clockAheadMs = trial.clockAheadMs;
    return trial;
  }

  /** Lists uploads below the prefix that are not completed. */
  async incompleteUploads(signal: AbortSignal): Promise<IncompleteUploads> {
    return listIncompleteUploads(this.#store, this.#keys.prefix, { clockAheadMs: this.#clockAheadMs, signal });
  }

  /**
   * Ends an upload, unless a living run has it: one that writes its record within 20 seconds, for which this waits where it is not
   * known.
   */
  async endUpload(upload: IncompleteUpload, signal: AbortSignal): Promise<EndedUpload> {
    return endUpload(this.#store, upload, signal);
  }

  /** Reads whether the bucket has a rule that ends incomplete uploads below the prefix. */
  async lifecycle(): Promise<LifecycleState> {
    return readLifecycle(this.#store, this.#keys.prefix);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#clients.close();
  }

  async #local<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      throw storeError(error, "use", this.location);
    }
  }
}
