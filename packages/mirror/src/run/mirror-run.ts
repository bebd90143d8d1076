import type { DownloadEvent } from "@carrel/core";
import { defined, LinkedAbort } from "@carrel/core/kit";
import { ConnectionPool } from "@carrel/node-stream";
import type { ConcurrencyLimit, DownloadItemOptions, RateLimit } from "@carrel/node-stream";
import { quote } from "@carrel/node-stream/fs";
import { patienceOf, runLimited, SharedPatience } from "@carrel/node-stream/task";
import type { Overcome } from "@carrel/node-stream/task";
import type { Backup } from "../place/backup.ts";
import type { MirrorStep } from "../plan/compare.ts";
import { deleteItem, deleteLeftovers, deleteOldDownloads, deleteSpare } from "../plan/delete.ts";
import { concernsOneItem, MirrorError } from "../errors.ts";
import type { MirrorEvent } from "../events.ts";
import { Grace, recordGone } from "../plan/gone.ts";
import { handOverSteps, withoutBusy } from "./hand-over.ts";
import type { HandOver } from "./hand-over.ts";
import type { MirrorOptions } from "./mirror-options.ts";
import type { MirrorPlace } from "../place/mirror-place.ts";
import { Mirror } from "../record/mirror.ts";
import { moveDirectories } from "../update/move-directories.ts";
import { incomplete, Outcome } from "./outcome.ts";
import type { ReportOptions } from "./outcome.ts";
import { compareLibrary, planDeletions, planOf } from "../plan/plan.ts";
import type { Comparison } from "../plan/plan.ts";
import { Publication, withdraw } from "../publication/publication.ts";
import { MirrorRecord } from "../record/record.ts";
import type { LibraryName, RecordedItem } from "../record/record-text.ts";
import type { ItemName, MirrorAction, MirrorPlan, MirrorReport, MirrorSpace } from "../report.ts";
import { assertSpace, measureSpace } from "../plan/space.ts";
import { ItemUpdate } from "../update/update-item.ts";
import type { MirrorSource } from "../library/mirror-source.ts";
import { verifyFiles } from "../update/verify.ts";

/** What is to be mirrored, where to, and where the events go. */
export interface MirrorJob {
  readonly source: MirrorSource;
  readonly libraryId: string;
  readonly place: MirrorPlace;
  readonly options: MirrorOptions;
  /** Limits the files of all items together. */
  readonly concurrency: ConcurrencyLimit;
  /** Limits the bytes of all items together. */
  readonly rateLimit: RateLimit | undefined;
  readonly emit: (event: MirrorEvent) => void;
  readonly signal: AbortSignal;
  /** Absent where the run updates the items itself. */
  readonly handOver?: HandOver;
}

/**
 * One run, in the order of its story: compare the library with the directory, delete what no longer exists, which makes room,
 * rename directories, then download items.
 */
export class MirrorRun {
  readonly #source: MirrorSource;
  readonly #libraryId: string;
  readonly #place: MirrorPlace;
  readonly #options: MirrorOptions;
  readonly #concurrency: ConcurrencyLimit;
  readonly #rateLimit: RateLimit | undefined;
  readonly #emit: (event: MirrorEvent) => void;
  readonly #signal: AbortSignal;
  readonly #outcome: Outcome;
  readonly #startedAt: Date = new Date();
  readonly #handOver: HandOver | undefined;
  #handedOver = 0;
  #grace: Grace;
  readonly #patience: SharedPatience;
  readonly #patiently: Overcome;

  constructor({ source, libraryId, place, options, concurrency, rateLimit, emit, signal, handOver }: MirrorJob) {
    this.#source = source;
    this.#libraryId = libraryId;
    this.#place = place;
    this.#options = options;
    this.#concurrency = concurrency;
    this.#rateLimit = rateLimit;
    this.#emit = emit;
    this.#signal = signal;
    this.#handOver = handOver;
    this.#outcome = new Outcome(emit);
    this.#grace = this.#graceFor(false);
    this.#patience = new SharedPatience(options.retryForMs);
    this.#patiently = (call, either) =>
      patienceOf(defined({ retryForMs: this.#patience.retryForMs, clock: options.clock }), (cause, next) =>
        emit({ type: "retrying", cause: cause.toJSON(), ...next }),
      )(call, either);
  }

  /** @throws {@link MirrorError} `incomplete`: some items failed. */
  async run(): Promise<MirrorReport> {
    const signal = this.#signal;
    signal.throwIfAborted();
    // Not repeated: nothing is known yet of a server that does not answer the first call.
    const { name = this.#libraryId } = await this.#source.library.get(this.#libraryId, { signal });
    const library = { id: this.#libraryId, name };
    if (this.#options.dryRun) return await this.#planOnly(library);
    const report = await this.#mirror(library);
    if (report.failed.length + report.notDeleted.length > 0) throw incomplete(report);
    return report;
  }

  /** Plans only: needs no lock, and changes nothing. */
  async #planOnly(library: LibraryName): Promise<MirrorReport> {
    const record = await MirrorRecord.open(this.#place, library);
    const publication = await this.#openPublication(library, record);
    const comparison = await this.#compare(library, record.items, publication, this.#signal);
    const options = {
      source: this.#source,
      place: this.#place,
      delete: this.#deletes,
      grace: this.#grace,
      patiently: this.#patiently,
      signal: this.#signal,
    };
    const { deletions, failed } = await planDeletions(comparison, options);
    const plan = { ...planOf(comparison), deletions, space: await this.#measureSpace(comparison) };
    this.#emit({ type: "plan", ...plan });
    this.#refuse(comparison, plan.space, publication);
    for (const failure of [...comparison.failed, ...failed]) this.#outcome.addFailure("update", failure);
    const published = await publication?.preview(this.#place, record, comparison, {
      ...options,
      deletes: this.#deletes,
    });
    return this.#report(comparison, plan, defined({ published }));
  }

  async #mirror(library: LibraryName): Promise<MirrorReport> {
    const onWait = ({ holder, leftMs }: { readonly holder: string; readonly leftMs: number }): void =>
      this.#emit({ type: "waiting", holder, leftMs });
    const backup = this.#newBackup();
    await using mirror = await Mirror.open(this.#place, library, {
      signal: this.#signal,
      onWait,
      isShared: this.#handOver !== undefined,
      ...defined({ backup }),
    });
    const publication = await this.#openPublication(library, mirror.record);
    using abort = new LinkedAbort(this.#signal, mirror.lock.signal);
    const { signal } = abort;
    try {
      if (this.#options.publish === false) await withdraw(mirror, signal);
      const report = await this.#update(mirror, library, publication, signal);
      const failed = [...report.failed, ...report.notDeleted];
      // What was handed over is not in place yet, and has not failed.
      if (this.#handOver === undefined || failed.length > 0 || this.#handedOver === 0) {
        await mirror.record.endRun(new Date(), failed);
      }
      return report;
    } catch (error) {
      // An interrupted run has not failed, and one that lost the lock must not write.
      if (!signal.aborted) await mirror.record.endRun(new Date(), undefined).catch(() => undefined);
      throw error;
    }
  }

  /** @throws {@link MirrorError} `other-items`, `VcspError`: nothing was changed. */
  async #openPublication(library: LibraryName, record: MirrorRecord): Promise<Publication | undefined> {
    const publication = await Publication.open(this.#place, library, record, this.#options.publish);
    this.#grace = this.#graceFor(publication !== undefined);
    return publication;
  }

  #graceFor(isPublished: boolean): Grace {
    return new Grace(this.#options.deleteAfterMs, this.#startedAt.getTime(), isPublished);
  }

  async #update(
    mirror: Mirror,
    library: LibraryName,
    publication: Publication | undefined,
    signal: AbortSignal,
  ): Promise<MirrorReport> {
    const compared = await this.#compare(library, mirror.record.items, publication, signal);
    const comparison = this.#handOver === undefined ? compared : withoutBusy(compared, this.#handOver.busy);
    const plan = { ...planOf(comparison), space: await this.#measureSpace(comparison) };
    this.#emit({ type: "plan", ...plan });
    this.#refuse(comparison, plan.space, publication);
    if (publication !== undefined) await mirror.record.setPublish(publication.settings);
    for (const failure of comparison.failed) this.#outcome.addFailure("update", failure);
    await recordGone(mirror, comparison, this.#startedAt);
    await this.#deleteSpares(mirror, comparison, publication, signal);
    if (this.#deletes) await this.#deleteGone(mirror, comparison, signal);
    const onMoved = ({ item, directory }: MirrorStep, from: string): void =>
      this.#emit({ type: "moved", item: item.name, itemId: item.id, from, to: directory });
    const stuck = await moveDirectories(mirror, comparison.steps, { onMoved, signal });
    for (const failure of stuck) this.#outcome.addFailure("update", failure);

    const stuckIds = new Set(stuck.map(({ itemId }) => itemId));
    const steps = comparison.steps.filter(({ action, item }) => action !== "none" && !stuckIds.has(item.id));
    const unsure = [
      ...[...comparison.failed, ...stuck].map(({ itemId }) => itemId),
      ...comparison.excluded.map(({ id }) => id),
      ...(this.#handOver?.busy ?? []),
    ];
    await deleteOldDownloads(mirror, steps, unsure);
    if (this.#handOver === undefined) await this.#updateItems(mirror, steps, signal);
    if (this.#deletes) await this.#deleteLeftovers(mirror, signal);
    await deleteOldDownloads(mirror, steps, unsure);
    // Last: others are at these items from now on.
    if (this.#handOver) this.#handedOver = await handOverSteps(mirror, library, steps, this.#handOver);
    const files = this.#deletes ? [...mirror.record.items.values()].flatMap((item) => item.files) : [];
    const leftoversAwaitingDeletion = files.filter(({ gone }) => gone).length;
    // A library is published with all of its items, or later.
    const whole = this.#handedOver + (this.#handOver?.busy.size ?? 0) === 0 ? publication : undefined;
    const published = await whole?.publish(mirror, comparison, { deletes: this.#deletes, signal });
    const { kept: backup } = mirror.backup ?? {};
    return this.#report(comparison, plan, { leftoversAwaitingDeletion, ...defined({ published, backup }) });
  }

  #newBackup(): Backup | undefined {
    const { backupDirectory: directory } = this.#options;
    if (directory === undefined) return undefined;
    return this.#place.backupTo?.(directory, this.#startedAt);
  }

  get #deletes(): boolean {
    return this.#options.delete ?? false;
  }

  async #compare(
    library: LibraryName,
    recorded: ReadonlyMap<string, RecordedItem>,
    publication: Publication | undefined,
    signal: AbortSignal,
  ): Promise<Comparison> {
    const emit = this.#emit;
    const comparison = await compareLibrary(this.#source, library, {
      place: this.#place,
      recorded,
      delete: this.#deletes,
      select: this.#options.select ?? {},
      ...defined({ isListed: publication?.isListed }),
      patiently: this.#patiently,
      isGone: (error) => this.#patience.failed(error),
      signal,
      onProgress: (items, totalItems) => emit({ type: "reading", items, totalItems }),
    });
    if (!this.#options.verify) return comparison;
    return await verifyFiles(comparison, {
      place: this.#place,
      concurrency: this.#concurrency.files,
      emit,
      signal,
    });
  }

  #measureSpace(comparison: Comparison): Promise<MirrorSpace> {
    // What is kept elsewhere may take the same room.
    const frees = this.#deletes && this.#options.backupDirectory === undefined;
    const deleted = frees ? comparison.gone.filter(this.#grace.isItemOver) : [];
    return measureSpace(this.#place, comparison, deleted);
  }

  /** Refuses, before anything changes, what would delete too much or not fit. */
  #refuse(comparison: Comparison, space: MirrorSpace, publication: Publication | undefined): void {
    this.#refuseTooMany(comparison, publication);
    if (this.#options.checkSpace !== false) assertSpace(this.#place.location, space);
  }

  #refuseTooMany(comparison: Comparison, publication: Publication | undefined): void {
    const { maxDelete = Infinity } = this.#options;
    // Subscribers delete what is not published any more.
    const gone = comparison.gone.filter(
      (item) => this.#grace.isItemOver(item) || (publication?.isListed(item.directory) ?? false),
    );
    if (!this.#deletes || gone.length <= maxDelete) return;
    const what = gone.length === 1 ? "1 item that no longer exists" : `${gone.length} items that no longer exist`;
    throw new MirrorError(
      `Cannot delete ${what} on the server from ${quote(this.#place.location)}: at most ${maxDelete} may be deleted`,
      { problem: "too-many-deletions", path: this.#place.location },
    );
  }

  async #deleteGone(mirror: Mirror, { gone }: Comparison, signal: AbortSignal): Promise<void> {
    await this.#deleteEach(gone.filter(this.#grace.isItemOver), signal, async (item) => {
      this.#outcome.addDeletedItem(item, await deleteItem(mirror, item, signal));
    });
  }

  /** Deletes what subscribers may have been reading and do not any more, what was never published, and copies that killed runs left. */
  async #deleteSpares(
    mirror: Mirror,
    { steps, gone }: Comparison,
    publication: Publication | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const stepOf = new Map(steps.map((step) => [step.before?.id, step]));
    const isGone = new Set(gone.map(({ id }) => id));
    await this.#deleteEach([...mirror.record.items.values()], signal, async (item) => {
      for (const spare of item.spares ?? []) {
        const step = stepOf.get(item.id);
        const isAbandoned = step === undefined ? isGone.has(item.id) : step.directory !== spare.directory;
        const isOver = spare.coming === undefined ? this.#grace.isSpareOver(spare) : isAbandoned;
        if (!isOver || (publication?.isListed(spare.directory) ?? false)) continue;
        this.#outcome.addDeletedSpare(item, spare.directory, await deleteSpare(mirror, item, spare, signal));
      }
    });
  }

  async #deleteLeftovers(mirror: Mirror, signal: AbortSignal): Promise<void> {
    await this.#deleteEach([...mirror.record.items.values()], signal, async (item) => {
      this.#outcome.addDeletedFiles(item, await deleteLeftovers(mirror, item, this.#grace, signal));
    });
  }

  async #deleteEach(
    items: readonly RecordedItem[],
    signal: AbortSignal,
    work: (item: RecordedItem) => Promise<void>,
  ): Promise<void> {
    for (const item of items) {
      signal.throwIfAborted();
      if (this.#handOver?.busy.has(item.id)) continue;
      try {
        await work(item);
      } catch (error) {
        if (!concernsOneItem(error)) throw error;
        this.#outcome.addFailure("delete", { item: item.name, itemId: item.id, error });
      }
    }
  }

  async #updateItems(mirror: Mirror, steps: readonly MirrorStep[], signal: AbortSignal): Promise<void> {
    const { pool } = this.#options;
    if (pool !== undefined) return await this.#updateOver(pool, mirror, steps, signal);
    await using own = new ConnectionPool(this.#options);
    await this.#updateOver(own, mirror, steps, signal);
  }

  async #updateOver(
    pool: ConnectionPool,
    mirror: Mirror,
    steps: readonly MirrorStep[],
    signal: AbortSignal,
  ): Promise<void> {
    const { delete: _delete, maxDelete: _max, deleteAfterMs: _after, backupDirectory: _backup, ...own } = this.#options;
    const { select: _select, publish: _publish, ...rest } = own;
    const { dryRun: _dryRun, verify: _verify, maxBytesPerSecond: _rate, ...others } = rest;
    const download: DownloadItemOptions = {
      ...others,
      ...defined({ maxBytesPerSecond: this.#rateLimit }),
      pool,
      concurrency: this.#concurrency,
    };
    const work = steps.map((step) => async (either: AbortSignal) => {
      if (step.action !== "none") await this.#updateItem(mirror, step, step.action, download, either);
    });
    await runLimited(work, { limit: this.#concurrency.files, signal });
  }

  async #updateItem(
    mirror: Mirror,
    step: MirrorStep,
    action: MirrorAction,
    download: DownloadItemOptions,
    signal: AbortSignal,
  ): Promise<void> {
    const source = this.#source;
    const name: ItemName = { item: step.item.name, itemId: step.item.id };
    this.#emit({ type: "started", ...name });
    try {
      const onEvent = (event: DownloadEvent): void => {
        if (event.type === "transferring") this.#patience.progressed();
        this.#emit({ type: "download", ...name, event });
      };
      const patient = { ...download, ...defined({ retryForMs: this.#patience.retryForMs }) };
      const patiently = this.#patiently;
      const update = new ItemUpdate({ step, action, source, mirror, download: patient, onEvent, patiently, signal });
      this.#outcome.addMirrored(await update.run());
    } catch (error) {
      signal.throwIfAborted();
      // A server that is gone for good would be waited for again by each item.
      if (!concernsOneItem(error) || this.#patience.failed(error) || mirror.place.concernsAll?.(error)) throw error;
      // Another run that has the mirror now may have removed what this one was at work on: then that is what failed.
      await mirror.lock.assertHeld();
      this.#outcome.addFailure("update", { ...name, error });
    }
  }

  #report(
    comparison: Comparison,
    plan: MirrorPlan,
    more: Partial<Pick<ReportOptions, "leftoversAwaitingDeletion" | "published" | "backup">> = {},
  ): MirrorReport {
    const { gone } = comparison;
    return this.#outcome.report({
      libraryId: this.#libraryId,
      directory: this.#place.location,
      dryRun: this.#options.dryRun ?? false,
      deletes: this.#deletes,
      comparison,
      plan,
      awaitingDeletion: this.#deletes ? gone.length - gone.filter(this.#grace.isItemOver).length : 0,
      leftoversAwaitingDeletion: 0,
      ...more,
    });
  }
}
