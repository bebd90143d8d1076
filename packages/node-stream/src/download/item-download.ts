import type { CarrelError, DownloadEvent, LeaseSession } from "@carrel/core";
import { defined } from "@carrel/core/kit";
import {
  nameProblem,
  OverallProgress,
  patienceOf,
  PatientSource,
  ServerHabits,
  SharedPatience,
} from "@carrel/core/transfer";
import { ConnectionPool } from "../tls/connection-pool.ts";
import { RateLimit } from "../transfer/rate-limit.ts";
import { ConcurrencyLimit } from "./concurrency-limit.ts";
import type { DownloadItemOptions } from "./download-item-options.ts";
import type { ItemSink, Sink, SinkItem } from "../sink/sink.ts";
import { FileDownload } from "./file-download.ts";
import { Claims } from "./claims.ts";
import type { ItemSource, SourceFile } from "@carrel/core/transfer";
import type { ItemState } from "./item-state.ts";
import { checkManifests, fetchManifest, readManifest } from "./fetch-manifest.ts";
import { concernsOneFile, PartialDownloadError } from "./partial-download-error.ts";
import type { FailedFile } from "./partial-download-error.ts";
import { assertSpace, measureSpace } from "./measure-space.ts";
import { PrepareAhead } from "./prepare-ahead.ts";
import type { RemoteItem } from "./remote-item.ts";
import type { DownloadReport, FileReport, LeftFile } from "./report.ts";
import { reportManifests } from "./report-manifests.ts";
import { runLimited } from "./run-limited.ts";
import type { Work } from "./run-limited.ts";
import { inOrder, isWanted, selectFiles } from "./select-files.ts";
import { recordArrived } from "./record-arrived.ts";
import { findUnchangedIn } from "./unchanged-item.ts";
import { BlockPool } from "./write-blocks.ts";

const defaultConcurrency = 4;
/** Files that have their bytes and wait for the disk or the server, besides those that are transferred. */
const maxFinishing = 16;

/** What to download, where to, and who follows it. */
export interface DownloadJob {
  readonly from: RemoteItem;
  readonly sink: Sink;
  readonly options: DownloadItemOptions;
  readonly emit: (event: DownloadEvent) => void;
  readonly signal: AbortSignal;
}

/** Downloads an item, over the connections of the options or over some of its own. */
export async function runDownload(job: DownloadJob): Promise<DownloadReport> {
  if (job.options.pool !== undefined) return downloadOver(job, job.options.pool);
  await using pool = new ConnectionPool(job.options);
  return await downloadOver(job, pool);
}

/** Opens the source, downloads the files, and ends the source whatever happened. */
async function downloadOver(job: DownloadJob, pool: ConnectionPool): Promise<DownloadReport> {
  const startedAt = performance.now();
  job.signal.throwIfAborted();
  const { emit, from, options } = job;
  const { itemId, origin } = from;
  const onWait: SinkItem["onWait"] = (file, { holder, leftMs }) => emit({ type: "waiting", file, holder, leftMs });
  await using sink = await job.sink.open({ origin, itemId, onWait });
  const patiently = patienceOf(options, (cause, next) => emit({ type: "retrying", cause: cause.toJSON(), ...next }));
  await patiently(() => assertNoObstacles(job, sink), job.signal);
  await patiently(() => synchronize(job), job.signal);
  const unchanged = await patiently(() => reportUnchanged(job, sink, startedAt), job.signal);
  if (unchanged !== undefined) return unchanged;
  await using source = new PatientSource(await patiently(() => openSource(job), job.signal), patiently);
  const all = await source.files(job.signal);
  const selected = selectFiles(all, job.options);
  const space = await measureSpace(sink, selected, options.existing);
  job.emit({ type: "plan", ...planOf(selected), ...defined({ space }) });
  if (space !== undefined && options.checkSpace !== false) assertSpace(sink.location, space);
  const leftAlone = job.options.existing === "skip" ? await existingOf(sink, selected) : [];
  for (const { name: file, sizeBytes, path } of leftAlone) {
    job.emit({ type: "skipped", file, verifiedBy: "nothing", sizeBytes, path });
  }
  const files = selected.filter(({ name }) => !leftAlone.some((left) => left.name === name));
  await sink.create();
  const item = itemState(job, { sink, source, pool, all, files });
  const { arrived, failed, recordError } = await new FileDownloads(item, files).run();
  const [failure, ...others] = failed;
  if (failure !== undefined && files.length === 1 && failure.name === files[0]?.name) throw failure.error;
  const report: DownloadReport = {
    itemId,
    contentVersion: source.contentVersion,
    directory: sink.location,
    files: arrived,
    manifests: await reportManifests(item, arrived, { isComplete: failure === undefined }),
    receivedBytes: arrived.reduce((sum, file) => sum + file.receivedBytes, 0),
    durationMs: Math.round(performance.now() - startedAt),
    ...(leftAlone.length > 0 && { leftAlone }),
    ...defined({ recordError }),
  };
  if (failure !== undefined) throw new PartialDownloadError([failure, ...others], report);
  return report;
}

/** Reports an item whose files are all as an earlier run recorded them; `undefined` if anything is to be downloaded. */
async function reportUnchanged(
  job: DownloadJob,
  sink: ItemSink,
  startedAt: number,
): Promise<DownloadReport | undefined> {
  const { from, options, emit, signal } = job;
  const { itemId } = from;
  const { existing = "resume", record, source = "session" } = options;
  if (record === undefined || existing !== "resume" || source !== "session") return undefined;
  const unchanged = await findUnchangedIn(sink, { item: from, options, signal });
  if (unchanged === undefined) return undefined;
  const { contentVersion, files, manifest } = unchanged;
  emit({ type: "plan", ...planOf(files) });
  for (const {
    name: file,
    verifiedBy,
    sizeBytes,
    path,
    digest,
    unchangedSince,
    recordedBy,
    doubts,
    archive,
  } of files) {
    if (archive !== undefined) emit({ type: "archive", file, ...archive });
    const known = defined({ unchangedSince, recordedBy, doubts });
    emit({ type: "skipped", file, verifiedBy, sizeBytes, path, digest, ...known });
  }
  const manifests = await reportManifests({ emit, manifest, options }, files, { isComplete: true });
  const durationMs = Math.round(performance.now() - startedAt);
  return { itemId, contentVersion, directory: sink.location, files, manifests, receivedBytes: 0, durationMs };
}

/** Refuses what cannot be written before a session is opened. Asks the server only if there may be an obstacle. */
async function assertNoObstacles({ from, options, signal }: DownloadJob, sink: ItemSink): Promise<void> {
  if (!(await sink.hasObstacles())) return;
  for (const { name } of (await from.listFiles(signal)) ?? []) {
    if (isWanted(name, options) && nameProblem(name) === undefined) await sink.assertNoObstacle(name);
  }
}

/** Returns the files that exist, without reading them. */
async function existingOf(sink: ItemSink, files: readonly SourceFile[]): Promise<readonly LeftFile[]> {
  const left: LeftFile[] = [];
  for (const { name } of files) {
    const existing = await sink.stat(name);
    if (existing !== undefined) left.push({ name, path: sink.locationOf(name), sizeBytes: existing.sizeBytes });
  }
  return left;
}

/** Has content fetched that is not at the vCenter, where that is wanted. */
async function synchronize({ from, options, emit, signal }: DownloadJob): Promise<void> {
  if (options.sync !== true) return;
  const onRequested = (): void => emit({ type: "synchronizing" });
  await from.synchronize({ signal, onRequested, ...defined({ timeoutMs: options.syncTimeoutMs }) });
}

async function openSource({ from, options, emit, signal }: DownloadJob): Promise<ItemSource> {
  const isStatic = options.source === "static";
  const prepareTimeoutMs = options.prepareTimeoutMs ?? 300_000;
  const onSession = (session: LeaseSession): void => emit({ type: "session", session });
  return from.open({ isStatic, prepareTimeoutMs, onSession, signal });
}

function planOf(
  files: readonly Pick<SourceFile, "name" | "sizeBytes">[],
): Omit<Extract<DownloadEvent, { type: "plan" }>, "type"> {
  const totalBytes = files.reduce<number | undefined>(
    (sum, { sizeBytes }) => (sum === undefined || sizeBytes === undefined ? undefined : sum + sizeBytes),
    0,
  );
  return {
    files: files.map(({ name, sizeBytes }) => ({ name, ...defined({ sizeBytes }) })),
    ...defined({ totalBytes }),
  };
}

interface ItemStateParts extends Pick<ItemState, "sink" | "source" | "pool"> {
  /** All files of the item. */
  readonly all: readonly SourceFile[];
  /** Those to download. */
  readonly files: readonly SourceFile[];
}

function itemState(job: DownloadJob, { sink, source, pool, all, files }: ItemStateParts): ItemState {
  const { concurrency = defaultConcurrency, maxBytesPerSecond: limit } = job.options;
  return {
    ...job,
    session: job.from.session,
    sink,
    source,
    ahead: new PrepareAhead({ source, files: inOrder(files), emit: job.emit }),
    blocks: new BlockPool(),
    pool,
    concurrency: typeof concurrency === "number" ? new ConcurrencyLimit(concurrency) : concurrency,
    patience: new SharedPatience(job.options.retryForMs),
    rateLimit: typeof limit === "number" ? new RateLimit(limit) : limit,
    manifest: checkManifests(all.map(({ name }) => name)),
    habits: ServerHabits.of(source.server),
    progress: new OverallProgress(new Map(files.map((file) => [file.name, file.sizeBytes])), (percent) =>
      source.reportProgress(percent),
    ),
  };
}

interface Outcome {
  readonly arrived: readonly FileReport[];
  readonly failed: readonly FailedFile[];
  /** Why the files are not recorded, if they should be. */
  readonly recordError: CarrelError | undefined;
}

/**
 * Downloads the files of an item, several at once, under a claim for each. A failure that concerns one file does not stop the
 * others; any other is thrown.
 */
class FileDownloads {
  readonly #item: ItemState;
  readonly #files: readonly SourceFile[];
  readonly #reports = new Map<string, FileReport>();
  readonly #failures = new Map<string, CarrelError>();

  constructor(item: ItemState, files: readonly SourceFile[]) {
    this.#item = item;
    this.#files = files;
  }

  async run(): Promise<Outcome> {
    const { concurrency, signal } = this.#item;
    await using claims = await Claims.acquire(this.#item, this.#files);
    const work = [...this.#manifestsToRead(), ...inOrder(this.#files).map((file) => this.#download(file, claims))];
    await runLimited(work, { limit: concurrency.files + maxFinishing, signal });
    // Before the records of the run go: a file that is whole is known at any moment.
    const outcome = this.#outcome();
    const recordError = await recordArrived(this.#item, this.#files, outcome.arrived);
    await this.#removeRecords(claims);
    return { ...outcome, recordError };
  }

  /** The manifests that are not to be downloaded: they are read to verify the files that are. */
  #manifestsToRead(): readonly Work[] {
    const { manifest } = this.#item;
    const unwanted = manifest.names.filter((name) => !this.#files.some((file) => file.name === name));
    return unwanted.map((name) =>
      this.#alone(name, (signal) => this.#provide(name, () => fetchManifest(this.#item, name, signal))),
    );
  }

  #download(file: SourceFile, claims: Claims): Work {
    const { name } = file;
    const { manifest } = this.#item;
    return this.#alone(name, async (signal) => {
      const download = async (): Promise<FileReport> => {
        const report = await new FileDownload({ file, item: this.#item, claim: claims.of(name), signal }).run();
        this.#reports.set(name, report);
        return report;
      };
      if (manifest.names.includes(name)) {
        await this.#provide(name, async () => {
          await download();
          await readManifest(manifest, name, this.#item.sink);
        });
      } else {
        await download();
      }
    });
  }

  /** Notes a failure that concerns one file alone, and lets the others continue. */
  #alone(name: string, work: Work): Work {
    return async (signal) => {
      try {
        await work(signal);
      } catch (error) {
        const isOwn = concernsOneFile(error) && error !== this.#item.source.failure;
        if (signal.aborted || !isOwn) throw error;
        this.#failures.set(name, error);
        this.#item.patience.failed(error);
        this.#item.ahead.skip(name);
        this.#item.emit({ type: "failed", file: name, error: error.toJSON() });
      }
    };
  }

  /** Provides a manifest. If that fails, the files that wait for it continue, and it verifies nothing. */
  async #provide(name: string, work: () => Promise<void>): Promise<void> {
    const { manifest, signal } = this.#item;
    try {
      await work();
    } catch (error) {
      if (signal.aborted) manifest.failed(error);
      else manifest.unavailable(name);
      throw error;
    }
  }

  /**
   * Removes the records of files that are whole. If others failed, a later run recognises a file without a checksum by its
   * record, which therefore stays.
   */
  async #removeRecords(claims: Claims): Promise<void> {
    const withoutChecksum = new Set(
      this.#files.flatMap(({ name, checksum }) => (checksum === undefined ? [name] : [])),
    );
    await claims.each(async (file) => {
      const { name } = file;
      const isDone = this.#failures.size === 0 || (this.#reports.has(name) && !withoutChecksum.has(name));
      if (isDone) await file.forget();
    });
  }

  /** In the server's order; manifests that were only read come last. */
  #outcome(): Omit<Outcome, "recordError"> {
    const names = new Set([...this.#files.map(({ name }) => name), ...this.#failures.keys()]);
    return {
      arrived: [...names].flatMap((name) => this.#reports.get(name) ?? []),
      failed: [...names].flatMap((name) => {
        const error = this.#failures.get(name);
        return error === undefined ? [] : [{ name, error }];
      }),
    };
  }
}
