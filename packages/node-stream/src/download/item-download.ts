import { basename, join } from "node:path";
import { IntegrityError } from "@carrel/core";
import type { CarrelClient, CarrelError, DownloadEvent, LeaseSession, ManifestReport } from "@carrel/core";
import { DurableDirectory } from "../files/durable-rename.ts";
import { DigestThread } from "../files/digest-thread.ts";
import { makeDirectory } from "../files/make-directory.ts";
import { nameProblem, quote } from "../files/names.ts";
import { ConnectionPool } from "../tls/connection-pool.ts";
import { RateLimit } from "../transfer/rate-limit.ts";
import { ConcurrencyLimit } from "./concurrency-limit.ts";
import type { DownloadItemOptions } from "./download-item-options.ts";
import { assertNoObstacle, containsObstacles } from "./existing-file.ts";
import { FileDownload } from "./file-download.ts";
import { FileLocks } from "./file-locks.ts";
import { runLimited } from "./run-limited.ts";
import type { Work } from "./run-limited.ts";
import { libraryFiles } from "./item-source.ts";
import type { ItemSource, SourceFile } from "./item-source.ts";
import type { ItemState } from "./item-state.ts";
import { ServerHabits } from "./late-facts.ts";
import { fetchManifest, ManifestCheck, readManifest } from "./manifest-check.ts";
import { PrepareAhead } from "./prepare-ahead.ts";
import { concernsOneFile, PartialDownloadError } from "./partial-download-error.ts";
import type { FailedFile } from "./partial-download-error.ts";
import { OverallProgress } from "./progress.ts";
import type { DownloadReport, FileReport } from "./report.ts";
import { removeRecord } from "./resume-record.ts";
import { inOrder, isWanted, selectFiles } from "./select-files.ts";
import { SessionSource } from "./session-source.ts";
import { StaticSource } from "./static-source.ts";
import { BlockPool } from "./write-blocks.ts";

/** Files that are transferred at once unless something else was asked for. */
const defaultConcurrency = 4;

/** What is to be downloaded where to, and who is told. */
export interface DownloadJob {
  readonly client: CarrelClient;
  readonly itemId: string;
  /** Absolute path. */
  readonly directory: string;
  readonly options: DownloadItemOptions;
  readonly emit: (event: DownloadEvent) => void;
  readonly signal: AbortSignal;
}

/** Downloads an item, over the connections that were given, or over some of its own. */
export async function runDownload(job: DownloadJob): Promise<DownloadReport> {
  if (job.options.pool !== undefined) return downloadOver(job, job.options.pool);
  await using pool = new ConnectionPool(job.options);
  return await downloadOver(job, pool);
}

/** Opens the source, downloads the files in turn, and ends the source whatever happened. */
async function downloadOver(job: DownloadJob, pool: ConnectionPool): Promise<DownloadReport> {
  const startedAt = performance.now();
  job.signal.throwIfAborted();
  await lookAhead(job);
  await using source = await openSource(job);
  const all = await source.files(job.signal);
  const files = selectFiles(all, job.options);
  job.emit({ type: "plan", ...planOf(files) });
  await makeDirectory(job.directory);
  await using digests = new DigestThread();
  const { concurrency = defaultConcurrency, maxBytesPerSecond: limit } = job.options;
  const manifest = new ManifestCheck(all.map(({ name }) => name));
  const item: ItemState = {
    ...job,
    source,
    ahead: new PrepareAhead({ source, files: inOrder(files), emit: job.emit }),
    names: new DurableDirectory(job.directory),
    digests,
    blocks: new BlockPool(),
    pool,
    concurrency: typeof concurrency === "number" ? new ConcurrencyLimit(concurrency) : concurrency,
    rateLimit: typeof limit === "number" ? new RateLimit(limit) : limit,
    manifest,
    habits: ServerHabits.of(source.server),
    progress: new OverallProgress(new Map(files.map((file) => [file.name, file.sizeBytes])), (percent) =>
      source.reportProgress(percent),
    ),
  };
  const { arrived, failed } = await downloadFiles(item, files);
  const [failure, ...others] = failed;
  if (failure !== undefined && files.length === 1 && failure.name === files[0]?.name) throw failure.error;
  const report: DownloadReport = {
    itemId: job.itemId,
    contentVersion: source.contentVersion,
    directory: job.directory,
    files: arrived,
    manifests: await reportManifests(item, arrived, { isComplete: failure === undefined }),
    receivedBytes: arrived.reduce((sum, file) => sum + file.receivedBytes, 0),
    durationMs: Math.round(performance.now() - startedAt),
  };
  if (failure !== undefined) throw new PartialDownloadError([failure, ...others], report);
  return report;
}

/** Says what became of the manifests. */
async function reportManifests(
  { emit, manifest, options }: ItemState,
  files: readonly FileReport[],
  { isComplete }: { readonly isComplete: boolean },
): Promise<readonly ManifestReport[]> {
  const reports = await manifest.reports(new Set(files.map(({ name }) => name)));
  for (const report of reports) emit({ type: "manifest", ...report });
  const missing = (await manifest.missing()).find(({ named = "" }) => isWanted(basename(named), options));
  if (!isComplete || options.requireVerified !== true || missing === undefined) return reports;
  const { manifest: verifiedBy = "", line, named = "" } = missing;
  throw new IntegrityError(
    `${quote(named)} is missing: the OVF manifest ${quote(verifiedBy)} names it in line ${line}`,
    {
      problem: "incomplete",
    },
  );
}

/** Files that have their bytes and wait for the disk or the server, besides those that are transferred. */
const mostFinishing = 16;

interface Outcome {
  readonly arrived: readonly FileReport[];
  readonly failed: readonly FailedFile[];
}

/**
 * Downloads files into a directory, some at once, under a lock for each. One that fails does not stop the others, unless they
 * would fail as well: that is thrown.
 */
async function downloadFiles(item: ItemState, files: readonly SourceFile[]): Promise<Outcome> {
  const reports = new Map<string, FileReport>();
  const failures = new Map<string, CarrelError>();
  const alone = (name: string, piece: Work): Work => {
    return async (signal) => {
      try {
        await piece(signal);
      } catch (error) {
        const isOwn = concernsOneFile(error) && error !== item.source.failure;
        if (signal.aborted || !isOwn) throw error;
        failures.set(name, error);
        item.ahead.skip(name);
        item.emit({ type: "failed", file: name, error: error.toJSON() });
      }
    };
  };
  const work: Work[] = [];
  const { manifest } = item;
  for (const name of manifest.names) {
    if (files.some((file) => file.name === name)) continue;
    work.push(alone(name, (signal) => forManifest(item, name, () => fetchManifest(item, name, signal))));
  }
  await using locks = await FileLocks.acquire(item, files);
  for (const file of inOrder(files)) {
    const piece: Work = async (signal) => {
      const download = async (): Promise<FileReport> => {
        const report = await new FileDownload({ file, item, locked: locks.of(file.name), signal }).run();
        reports.set(file.name, report);
        return report;
      };
      if (!manifest.names.includes(file.name)) {
        await download();
        return;
      }
      await forManifest(item, file.name, async () => readManifest(manifest, file.name, (await download()).path));
    };
    work.push(alone(file.name, piece));
  }
  await runLimited(work, { limit: item.concurrency.files + mostFinishing, signal: item.signal });
  // Only now: a later run knows by the records which files are whole already, where it does not know by their checksums.
  const needed = new Set(files.flatMap(({ name, checksum }) => (checksum === undefined ? [name] : [])));
  await locks.each(async (name, { paths, lock }) => {
    const isDone = failures.size === 0 || (reports.has(name) && !needed.has(name));
    if (isDone) await removeRecord(paths.record, lock);
  });
  return {
    arrived: files.flatMap(({ name }) => reports.get(name) ?? []),
    failed: files
      .flatMap(({ name }) => [...failures].filter(([failed]) => failed === name))
      .concat([...failures].filter(([failed]) => !files.some(({ name }) => name === failed)))
      .map(([name, error]) => ({ name, error })),
  };
}

/** Those who wait for the manifest must hear of its failure. They arrive nevertheless, and it proves nothing. */
async function forManifest({ manifest, signal }: ItemState, name: string, bring: () => Promise<void>): Promise<void> {
  try {
    await bring();
  } catch (error) {
    if (signal.aborted) manifest.failed(error);
    else manifest.unavailable(name);
    throw error;
  }
}

/** Refuses what cannot be written before a session is made. Asks the server only where something could be in the way. */
async function lookAhead({ client, itemId, directory, options, signal }: DownloadJob): Promise<void> {
  if (!(await containsObstacles(directory))) return;
  for (const { name } of (await libraryFiles(() => client.item.file.list(itemId, { signal }))) ?? []) {
    if (isWanted(name, options) && nameProblem(name) === undefined) await assertNoObstacle(join(directory, name));
  }
}

async function openSource({ client, itemId, options, emit, signal }: DownloadJob): Promise<ItemSource> {
  if (options.source === "static") return StaticSource.open(client, itemId, signal);
  const prepareTimeoutMs = options.prepareTimeoutMs ?? 300_000;
  const onSession = (session: LeaseSession): void => emit({ type: "session", session });
  return SessionSource.open({ client, itemId, signal, prepareTimeoutMs, onSession });
}

function planOf(files: readonly SourceFile[]): Omit<Extract<DownloadEvent, { type: "plan" }>, "type"> {
  const planned = files.map(({ name, sizeBytes }) => ({ name, ...(sizeBytes !== undefined && { sizeBytes }) }));
  const totalBytes = files.reduce<number | undefined>(
    (sum, { sizeBytes }) => (sum === undefined || sizeBytes === undefined ? undefined : sum + sizeBytes),
    0,
  );
  return { files: planned, ...(totalBytes !== undefined && { totalBytes }) };
}
