import { ServerError, SessionLostError } from "@carrel/core";
import type { CarrelClient, DownloadLease, LeaseSession } from "@carrel/core";
import { readChecksum, readSizeBytes, strongerOf } from "../files/checksum.ts";
import type { LeasedEndpoint } from "../transfer/transfer-options.ts";
import { itemFiles } from "./item-source.ts";
import type { EndpointOptions, FileFacts, ItemSource, SourceFile } from "./item-source.ts";

interface SessionSourceOptions {
  readonly client: CarrelClient;
  readonly itemId: string;
  readonly signal: AbortSignal;
  readonly prepareTimeoutMs: number;
  readonly onSession: (session: LeaseSession) => void;
}

interface Held {
  readonly lease: DownloadLease;
  readonly session: LeaseSession;
  readonly stopListening: () => void;
}

/** Sessions that may be lost in one download before it is given up. */
const maxReopenings = 5;

/** The files of an item under a download session. A session that is lost is replaced by a new one. */
export class SessionSource implements ItemSource {
  readonly contentVersion: string;
  readonly #options: SessionSourceOptions;
  #held: Held;
  #reopening: Promise<Held> | undefined;
  #reopenings = 0;
  #percent = 0;
  #failure: { readonly error: unknown } | undefined;

  private constructor(options: SessionSourceOptions, held: Held) {
    this.#options = options;
    this.#held = held;
    this.contentVersion = held.session.contentVersion;
  }

  static async open(options: SessionSourceOptions): Promise<SessionSource> {
    return new SessionSource(options, await hold(options));
  }

  get server(): object {
    return this.#options.client;
  }

  get failure(): unknown {
    return this.#failure?.error;
  }

  async files(signal: AbortSignal): Promise<readonly SourceFile[]> {
    const { client, itemId } = this.#options;
    const [inSession, inLibrary] = await Promise.all([
      this.#use((lease) => lease.files({ signal })),
      itemFiles(client, itemId, signal),
    ]);
    return inSession.map((file) => ({
      name: file.name,
      sizeBytes: readSizeBytes(file.size),
      checksum: strongerOf(readChecksum(file.checksum_info), readChecksum(inLibrary.get(file.name)?.checksum_info)),
      contentVersion: this.contentVersion,
    }));
  }

  async endpoint(fileName: string, { signal, onProgress }: EndpointOptions): Promise<LeasedEndpoint> {
    const options = { signal, timeoutMs: this.#options.prepareTimeoutMs, ...(onProgress && { onProgress }) };
    return this.#use(async (lease) => ({
      endpoint: await lease.prepare(fileName, options),
      contentVersion: this.contentVersion,
      signal: lease.signal,
    }));
  }

  async facts(file: SourceFile, signal: AbortSignal): Promise<FileFacts> {
    const info = await this.#use((lease) => lease.file(file.name, { signal }));
    return {
      sizeBytes: readSizeBytes(info.size),
      checksum: readChecksum(info.checksum_info) ?? file.checksum,
      isFinal: false,
    };
  }

  reportProgress(percent: number): void {
    this.#percent = percent;
    this.#held.lease.reportProgress(percent);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reopening?.catch(() => {});
    this.#held.stopListening();
    await this.#held.lease[Symbol.asyncDispose]();
  }

  /** Asks the session, and asks a new one when it turns out to be lost. */
  async #use<T>(ask: (lease: DownloadLease) => Promise<T>): Promise<T> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure.error;
      const { lease } = await (this.#reopening ?? this.#held);
      try {
        return await ask(lease);
      } catch (error) {
        this.#options.signal.throwIfAborted();
        if (!isLost(error)) throw error;
        if (lease !== this.#held.lease) continue;
        // Closed, and not by us to make room for a new one: by the client's owner, who wants no other.
        if (this.#reopening === undefined && isClosed(error)) throw error;
        await this.#reopen(error);
      }
    }
  }

  /** Replaces the session, once for all who found out that it is lost. */
  async #reopen(cause: unknown): Promise<void> {
    this.#reopening ??= this.#replace(cause).finally(() => (this.#reopening = undefined));
    await this.#reopening;
  }

  async #replace(cause: unknown): Promise<Held> {
    const before = this.#held;
    before.stopListening();
    await before.lease[Symbol.asyncDispose]();
    try {
      if (++this.#reopenings > maxReopenings) throw cause;
      // Bytes that are there already are of this content version only.
      this.#held = await hold(this.#options, this.contentVersion);
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
    this.#held.lease.reportProgress(this.#percent);
    return this.#held;
  }
}

async function hold(
  { client, itemId, signal, onSession }: SessionSourceOptions,
  contentVersion?: string,
): Promise<Held> {
  const lease = await client.lease(itemId, { signal, ...(contentVersion !== undefined && { contentVersion }) });
  const snapshot = lease.getSnapshot();
  if (snapshot.phase !== "active" && snapshot.phase !== "at-risk") {
    await lease[Symbol.asyncDispose]();
    throw snapshot.phase === "lost"
      ? snapshot.cause
      : new SessionLostError("The client was closed while the download session was being opened", {
          problem: "closed",
        });
  }
  let known: LeaseSession | undefined;
  const tell = (): void => {
    const now = lease.getSnapshot();
    if (!("session" in now) || now.session === known) return;
    known = now.session;
    onSession(known);
  };
  tell();
  return { lease, session: snapshot.session, stopListening: lease.subscribe(tell) };
}

function isClosed(error: unknown): boolean {
  return error instanceof SessionLostError && error.problem === "closed";
}

function isLost(error: unknown): boolean {
  if (error instanceof SessionLostError) return true;
  // Said by the server before the lease itself has noticed.
  if (!(error instanceof ServerError)) return false;
  return error.errorType === "NOT_FOUND" || error.errorType === "NOT_ALLOWED_IN_CURRENT_STATE";
}
