import { createHash } from "node:crypto";
import { systemClock } from "@carrel/core";
import { LinkedAbort, sleep } from "@carrel/core/kit";
import { quote } from "@carrel/node-stream/fs";
import { FleetError } from "./errors.ts";
import type { ItemJob } from "./queues.ts";
import type { SavedFile, SavedWork, FleetStore } from "./store.ts";

/** What a claim is held with. */
export interface ClaimOptions {
  readonly store: FleetStore;
  readonly worker: string;
  /** Ends the work of this worker. */
  readonly stop: AbortSignal;
  /** Called with each attempt to write, and why it failed. */
  readonly onDatabase: (error: unknown) => void;
}

/** What is saved of the work, at the latest. */
const savedEveryMs = 2_000;
/** A worker that could not save its work for this part of the heartbeat ends it, before another one may begin. */
const giveUpAt = 2 / 3;

/**
 * The claim of this worker on an item: saves how far the work is, each time on the condition that the claim still is this attempt's,
 * and aborts where it is not, or where that cannot be known for so long that another worker may have it.
 */
export class Claim implements AsyncDisposable {
  readonly job: ItemJob;
  /** What another attempt, or this one, left before; `undefined` if nothing. */
  readonly before: SavedWork | undefined;
  readonly #options: ClaimOptions;
  readonly #abort: LinkedAbort;
  readonly #files = new Map<string, SavedFile>();
  readonly #giveUpMs: number;
  #session: { readonly id: string; readonly contentVersion: string } | undefined;
  #sessions: number;
  #isChanged = false;
  #cancelDeadline: () => void;
  #saving: Promise<void> = Promise.resolve();
  #saver: Promise<void> | undefined;
  readonly #ended = new AbortController();

  private constructor(job: ItemJob, before: SavedWork | undefined, options: ClaimOptions) {
    this.job = job;
    this.before = before;
    this.#options = options;
    this.#abort = new LinkedAbort(job.signal, options.stop);
    this.#sessions = before?.sessions ?? 0;
    this.#giveUpMs = (job.heartbeatSeconds ?? Infinity) * 1000 * giveUpAt;
    // Until it is taken over, the session of the attempt before must not be forgotten.
    const { sessionId: id, contentVersion = "" } = before ?? {};
    this.#session = id === undefined ? undefined : { id, contentVersion };
    this.#cancelDeadline = this.#deadline();
  }

  /** @throws {@link FleetError} `lost-claim`. */
  static async begin(job: ItemJob, options: ClaimOptions): Promise<Claim> {
    const claim = new Claim(job, await options.store.readWork(job.id), options);
    try {
      await claim.save();
    } catch (error) {
      await claim[Symbol.asyncDispose]();
      throw error;
    }
    claim.#saver = claim.#saveInTime();
    return claim;
  }

  /** Aborts when the work must end: the claim is lost, or the worker stops. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Whether the claim is lost, or may be. */
  get isLost(): boolean {
    return this.job.signal.aborted || this.#abort.signal.reason instanceof FleetError;
  }

  /** The download session that is known, of this attempt or one before. */
  get session(): { readonly id: string; readonly contentVersion: string } | undefined {
    return this.#session;
  }

  /**
   * A client token for the next download session. An attempt that is killed before it saved the id of its session leads the next
   * one to the same session.
   */
  nextToken(): string {
    const hex = createHash("sha256").update(`${this.job.id}/${this.#sessions}`).digest("hex");
    return [
      hex.slice(0, 8),
      hex.slice(8, 12),
      `8${hex.slice(13, 16)}`,
      `8${hex.slice(17, 20)}`,
      hex.slice(20, 32),
    ].join("-");
  }

  /** Notes a download session that is open. */
  noteSession(id: string, contentVersion: string): void {
    if (this.#session?.id === id) return;
    this.#session = { id, contentVersion };
    this.#sessions += 1;
    this.#isChanged = true;
  }

  /** Notes that no download session is open any more. */
  forgetSession(): void {
    this.#isChanged ||= this.#session !== undefined;
    this.#session = undefined;
  }

  noteFile(file: SavedFile): void {
    this.#files.set(file.file, file);
    this.#isChanged = true;
  }

  /** Ends the work, because what it needs is lost. */
  lose(error: Error): void {
    this.#abort.abort(error);
  }

  /**
   * Saves the work now.
   * @throws {@link FleetError} `lost-claim`: another attempt has it.
   */
  save(): Promise<void> {
    const turn = this.#saving.then(() => this.#save());
    this.#saving = turn.catch(() => undefined);
    return turn;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort();
    await this.#saver;
    await this.#saving;
    this.#cancelDeadline();
    this.#abort.unlink();
  }

  async #save(): Promise<void> {
    const { store, worker, onDatabase } = this.#options;
    this.#isChanged = false;
    const { vcenter } = this.job.data;
    const work = {
      worker,
      vcenter,
      sessions: this.#sessions,
      ...(this.#session !== undefined && {
        sessionId: this.#session.id,
        contentVersion: this.#session.contentVersion,
      }),
    };
    let isHeld: boolean;
    try {
      isHeld = await store.saveWork(this.job, work, [...this.#files.values()]);
    } catch (error) {
      this.#isChanged = true;
      onDatabase(error);
      throw error;
    }
    onDatabase(undefined);
    if (!isHeld) {
      const error = lostClaim(this.job, "another worker has it, or it was cancelled");
      this.#abort.abort(error);
      throw error;
    }
    this.#cancelDeadline();
    this.#cancelDeadline = this.#deadline();
  }

  async #saveInTime(): Promise<void> {
    const { signal } = this.#ended;
    let quiet = 0;
    while (!signal.aborted && !this.#abort.signal.aborted) {
      await sleep(systemClock, savedEveryMs, signal).catch(() => undefined);
      quiet += 1;
      // Also where nothing has changed: it shows that the claim still holds.
      if (signal.aborted || (!this.#isChanged && quiet < 2)) continue;
      quiet = 0;
      await this.save().catch(() => undefined);
    }
  }

  /** A process that was paused finds the time over as soon as it runs again. */
  #deadline(): () => void {
    if (this.#giveUpMs === Infinity) return () => {};
    return systemClock.schedule(this.#giveUpMs, () =>
      this.#abort.abort(
        lostClaim(this.job, "the database was not reached for so long that another worker may have it"),
      ),
    );
  }
}

function lostClaim({ data }: ItemJob, why: string): FleetError {
  return new FleetError(`Lost the claim on item ${quote(data.item)} of mirror ${quote(data.mirror)}: ${why}`, {
    problem: "lost-claim",
  });
}
