import { SessionLostError } from "../errors/session-errors.ts";
import type { CarrelClient } from "../client.ts";
import type { DownloadLease, LeaseOptions } from "../lease/download-lease.ts";
import type { LeaseSession } from "../lease/lease-snapshot.ts";
import { defined } from "../kit/objects.ts";
import { isGone } from "../errors/call-errors.ts";
import { isOutage } from "./patience.ts";
import type { LeasedEndpoint } from "./transfer-source.ts";
import { describeFiles, libraryFiles, readFacts } from "./item-source.ts";
import type { PreparationOptions, FileFacts, ItemSource, SourceFile } from "./item-source.ts";

interface SessionSourceOptions {
  readonly client: CarrelClient;
  readonly itemId: string;
  readonly signal: AbortSignal;
  readonly prepareTimeoutMs: number;
  readonly onSession: (session: LeaseSession) => void;
  /** Id of a session to take over, where it still exists. */
  readonly adopt?: string;
  /** Returns the client token of the next session that is created. */
  readonly clientToken?: () => string;
}

/** A lease with a session, and what follows its changes. */
interface OpenLease {
  readonly lease: DownloadLease;
  readonly session: LeaseSession;
  readonly unsubscribe: () => void;
}

/** Sessions that may be lost in one download before it fails. */
const maxReopenings = 5;

/**
 * The files of an item under a download session. A session that is lost is replaced by a new one.
 *
 * @private Does not follow semantic versioning.
 */
export class SessionSource implements ItemSource {
  readonly contentVersion: string;
  readonly #options: SessionSourceOptions;
  #open: OpenLease;
  #reopening: Promise<OpenLease> | undefined;
  #reopenings = 0;
  #percent = 0;
  #failure: { readonly error: unknown } | undefined;

  private constructor(options: SessionSourceOptions, open: OpenLease) {
    this.#options = options;
    this.#open = open;
    this.contentVersion = open.session.contentVersion;
  }

  static async open(options: SessionSourceOptions): Promise<SessionSource> {
    const { adopt } = options;
    if (adopt !== undefined) {
      try {
        return new SessionSource(options, await openLease(options, { adopt }));
      } catch (error) {
        options.signal.throwIfAborted();
        // It expired or was ended.
        if (!isLost(error)) throw error;
      }
    }
    return new SessionSource(options, await openLease(options));
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
      libraryFiles(() => client.item.file.list(itemId, { signal })),
    ]);
    return describeFiles(inSession, inLibrary, this.contentVersion);
  }

  async endpoint(fileName: string, { signal, onProgress }: PreparationOptions): Promise<LeasedEndpoint> {
    const options = { signal, timeoutMs: this.#options.prepareTimeoutMs, ...defined({ onProgress }) };
    return this.#use(async (lease) => ({
      endpoint: await lease.prepare(fileName, options),
      contentVersion: this.contentVersion,
      signal: lease.signal,
    }));
  }

  async facts(file: SourceFile, signal: AbortSignal): Promise<FileFacts> {
    return readFacts(await this.#use((lease) => lease.file(file.name, { signal })), file);
  }

  reportProgress(percent: number): void {
    this.#percent = percent;
    this.#open.lease.reportProgress(percent);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reopening?.catch(() => {});
    this.#open.unsubscribe();
    await this.#open.lease[Symbol.asyncDispose]();
  }

  /** Asks the session, and a new one if it turns out to be lost. */
  async #use<T>(ask: (lease: DownloadLease) => Promise<T>): Promise<T> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure.error;
      const { lease } = await (this.#reopening ?? this.#open);
      try {
        return await ask(lease);
      } catch (error) {
        this.#options.signal.throwIfAborted();
        if (!isLost(error)) throw error;
        if (lease !== this.#open.lease) continue;
        // Closed, and not to be replaced: the owner of the client closed it, and a new session would outlive the client.
        if (this.#reopening === undefined && isClosed(error)) throw error;
        await this.#reopen(error);
      }
    }
  }

  /** Replaces the session, once for all callers that found it lost. */
  async #reopen(cause: unknown): Promise<void> {
    this.#reopening ??= this.#replace(cause).finally(() => (this.#reopening = undefined));
    await this.#reopening;
  }

  async #replace(cause: unknown): Promise<OpenLease> {
    const lost = this.#open;
    lost.unsubscribe();
    try {
      if (this.#reopenings >= maxReopenings) throw cause;
      // The bytes that arrived are of this content version, and only the same version may continue them.
      this.#open = await openLease(this.#options, { contentVersion: this.contentVersion });
    } catch (error) {
      // A server that is down may be back when the next caller finds the same session lost.
      if (!isOutage(error)) this.#failure = { error };
      throw error;
    }
    this.#reopenings += 1;
    // Only now: while the server is down, nothing can be ended on it.
    await lost.lease[Symbol.asyncDispose]();
    this.#open.lease.reportProgress(this.#percent);
    return this.#open;
  }
}

async function openLease(
  { client, itemId, signal, onSession, clientToken }: SessionSourceOptions,
  choice: Pick<LeaseOptions, "adopt" | "contentVersion"> = {},
): Promise<OpenLease> {
  const token = choice.adopt === undefined ? clientToken?.() : undefined;
  const lease = await client.lease(itemId, { signal, ...choice, ...defined({ clientToken: token }) });
  const snapshot = lease.getSnapshot();
  if (snapshot.phase !== "active" && snapshot.phase !== "at-risk") {
    await lease[Symbol.asyncDispose]();
    throw snapshot.phase === "lost"
      ? snapshot.cause
      : new SessionLostError("The client was closed while the download session was being opened", {
          problem: "closed",
        });
  }
  let reported: LeaseSession | undefined;
  const reportSession = (): void => {
    const current = lease.getSnapshot();
    if (!("session" in current) || current.session === reported) return;
    reported = current.session;
    onSession(reported);
  };
  reportSession();
  return { lease, session: snapshot.session, unsubscribe: lease.subscribe(reportSession) };
}

function isClosed(error: unknown): boolean {
  return error instanceof SessionLostError && error.problem === "closed";
}

function isLost(error: unknown): boolean {
  // The server may say so before the lease itself has noticed.
  return error instanceof SessionLostError || isGone(error);
}
