import { SessionLostError } from "../errors/session-errors.ts";
import type { DownloadLease } from "../lease/download-lease.ts";
import { describeFiles, libraryFiles, readFacts } from "./item-source.ts";
import type { FileFacts, ItemSource, PreparationOptions, SourceFile } from "./item-source.ts";
import type { LeasedEndpoint } from "./transfer-source.ts";

/**
 * The files of an item under a lease that belongs to the caller, who closes it.
 *
 * @private Does not follow semantic versioning.
 */
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
    const [inSession, inLibrary] = await Promise.all([
      this.#lease.files({ signal }),
      libraryFiles(() => this.#lease.itemFiles({ signal })),
    ]);
    return describeFiles(inSession, inLibrary, this.contentVersion ?? "");
  }

  async endpoint(fileName: string, { signal }: PreparationOptions): Promise<LeasedEndpoint> {
    const endpoint = await this.#lease.endpoint(fileName, { signal, timeoutMs: this.#prepareTimeoutMs });
    return { endpoint, clientOrigin: this.#lease.origin };
  }

  async facts(file: SourceFile, signal: AbortSignal): Promise<FileFacts> {
    return readFacts(await this.#lease.file(file.name, { signal }), file);
  }

  reportProgress(): void {}

  async [Symbol.asyncDispose](): Promise<void> {}
}

/**
 * Creates the error for a stream whose lease has ended: the loss as it is, or that the lease was closed too early.
 *
 * @private Does not follow semantic versioning.
 */
export function leaseEnded(reason: unknown, label: string, when: string): SessionLostError {
  if (reason instanceof SessionLostError && reason.problem === "lost") return reason;
  return new SessionLostError(`Cannot read ${label}: its lease was closed ${when}`, {
    problem: "closed",
    cause: reason,
  });
}
