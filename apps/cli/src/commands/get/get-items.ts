import { performance } from "node:perf_hooks";
import { IntegrityError, PrepareError, TransferError } from "@carrel/core";
import type { DownloadEvent } from "@carrel/core";
import { defined } from "@carrel/core/kit";
import { PartialDownloadError } from "@carrel/node-stream";
import type { DownloadReport, Sink } from "@carrel/node-stream";
import { downloadFrom, UnpackedItem } from "@carrel/node-stream/source";
import { SharedPatience } from "@carrel/node-stream/task";
import { remoteItem } from "../../connection/item-server.ts";
import type { ItemServer } from "../../connection/item-server.ts";
import type { OpenStore } from "../../connection/open-store.ts";
import { DownloadDisplay, synchronizingText, unflushedText, waitingText } from "../../output/download-display.ts";
import { formatBytes, formatCount, formatDuration, formatRate } from "../../output/format.ts";
import type { Outages } from "../../output/outages.ts";
import { isStore, parentPlace } from "../../output/place-path.ts";
import { printable } from "../../output/printable.ts";
import type { EndedRun } from "../../output/run-summary.ts";
import type { Screen } from "../../output/screen.ts";
import { describeSpace, isWorthALine } from "../../output/space-line.ts";
import { describeNotes, describeVerdict } from "../../output/verdict.ts";
import { CliError, exitCodes } from "../../process/cli-error.ts";
import { collect, concurrently } from "../../concurrently.ts";
import { concernsAll, ItemFailures } from "../../run/item-failures.ts";
import type { Run } from "../../run/run-command.ts";
import type { DownloadSettings } from "../../settings/transfer-settings.ts";
import { failedMembers, lineWriter } from "./get-lines.ts";
import type { SelectedItem } from "../../names/select-items.ts";

/** Options of {@link getItems}. */
export interface GetItemsOptions {
  /** The directory of each item. */
  readonly directories: ReadonlyMap<SelectedItem, string>;
  /** Where these are prefixes of an object store. */
  readonly store?: OpenStore | undefined;
  readonly transfer: DownloadSettings;
  /** Whether a record stays with the files. */
  readonly record: boolean;
  /** Writes the files in OVA archives in place of the archives. */
  readonly unpackOva?: boolean;
  readonly json: boolean;
  /** Reports outages. */
  readonly outages: Outages;
  /** Called at the end with what was downloaded, unless that is nothing; also where other items failed. */
  readonly onArrived?: (reports: readonly DownloadReport[]) => Promise<void>;
}

/**
 * Downloads items, some at once, and shows their progress. A failure of an item or a file does not stop the others.
 * @throws {@link CliError} some failed, with the exit code of the most serious failure. With a single item of which no file
 *   was downloaded, the failure itself.
 */
export async function getItems(server: ItemServer, options: GetItemsOptions, run: Run): Promise<void> {
  const { directories, store, transfer, record, unpackOva = false, json, outages, onArrived } = options;
  const { screen, signal } = run;
  const startedAt = performance.now();
  const items = [...directories.keys()];
  const failures = new ItemFailures(screen, { json, members: failedMembers(directories) });
  const reports = new Map<SelectedItem, DownloadReport>();
  const patience = new SharedPatience(transfer.retryForMs);
  {
    const shownItems = new Map(
      [...directories].map(([item, directory]) => [item, isStore(directory) ? item : { ...item, directory }]),
    );
    using display = new DownloadDisplay(screen, [...shownItems.values()], {
      signal,
      json,
      outages,
      maxBytesPerSecond: limitOf(transfer),
    });
    run.atEnd((hasFailed) => sumUp(display.outcome, { hasFailed, json, existing: transfer.existing }, run));
    const download = async (item: SelectedItem): Promise<void> => {
      const directory = directories.get(item) ?? item.directoryName;
      const target = store?.sinkAt(directory) ?? directory;
      const shown = display.begin(shownItems.get(item) ?? item);
      const report = json ? lineWriter(item, directory, screen) : undefined;
      try {
        const onEvent = (event: DownloadEvent): void => {
          if (event.type === "transferring") patience.progressed();
          report?.(event);
          shown.event(event);
        };
        const patient = { ...transfer, ...defined({ retryForMs: patience.retryForMs }) };
        const how = { target, transfer: patient, record, unpackOva, onEvent };
        reports.set(item, await getItem(server, item, how, run).catch(explainRanges(unpackOva)));
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof PartialDownloadError) {
          reports.set(item, error.report);
          for (const { name: file, error: reason } of error.failed) {
            const isOneOfSeveral = items.length > 1;
            const label = isOneOfSeveral ? `${item.name}/${file}` : file;
            const subject = namesItsFile(reason) ? { subject: isOneOfSeveral ? item.name : "" } : {};
            failures.add({ id: item.id, name: item.name, file, label, ...subject, error: reason });
          }
          return;
        }
        // A server that is gone for good would be waited for again by each item.
        const isGone = patience.failed(error);
        if (items.length === 1 || concernsAll(error) || isGone) throw error;
        failures.add({ ...item, error });
      } finally {
        shown.end();
      }
    };
    await collect(concurrently(items, transfer.concurrency.files, download));
  }
  const arrived = items
    .flatMap((item) => reports.get(item) ?? [])
    // An item whose files all failed is not there; one that has no files is complete.
    .filter(({ files }) => files.length > 0 || failures.count === 0);
  if (arrived.length > 0) await onArrived?.(arrived);
  const unflushed = unflushedText(arrived);
  if (unflushed !== undefined) run.warn(unflushed);
  for (const [{ name }, { recordError }] of reports) {
    if (recordError !== undefined) run.warn(`"${name}" is downloaded, but not recorded: ${recordError.message}`);
  }
  const described = describeReports(arrived, performance.now() - startedAt, screen);
  run.summarize(described[0] ?? "");
  if (!json && arrived.length > 0) {
    for (const [item, report] of reports) {
      for (const sentence of describeNotes(report)) run.warn(`"${item.name}": ${sentence}`);
    }
    for (const sentence of described) screen.printSentence(sentence);
    for (const line of describeDirectory(arrived)) screen.print(printable(line));
  }
  if (failures.count > 0) throw new CliError(`Not downloaded: ${failures.names}`, { exitCode: failures.exitCode });
}

function limitOf({ maxBytesPerSecond }: DownloadSettings): number | undefined {
  return typeof maxBytesPerSecond === "object" ? maxBytesPerSecond.bytesPerSecond : maxBytesPerSecond;
}

interface GetItemOptions {
  readonly target: string | Sink;
  readonly transfer: DownloadSettings;
  readonly record: boolean;
  readonly unpackOva: boolean;
  readonly onEvent: (event: DownloadEvent) => void;
}

async function getItem(
  server: ItemServer,
  { id, name, library, fileGlobs }: SelectedItem,
  { target, transfer, record, unpackOva, onEvent }: GetItemOptions,
  run: Run,
): Promise<DownloadReport> {
  const inRecord = { item: name, library: { id: library.id, name: library.name } };
  const { pool } = server;
  const options = { ...transfer, ...defined({ record: record ? inRecord : undefined }), pool, signal: run.signal };
  const include = defined({ include: fileGlobs });
  const from = remoteItem(server, id);
  // Globs choose archives, and not the files in them.
  await using task = unpackOva
    ? downloadFrom(new UnpackedItem(from, { pool, ...include }), target, options)
    : downloadFrom(from, target, { ...options, ...include });
  for await (const event of task) {
    if (event.type === "plan" && event.space !== undefined && isWorthALine(event.space.neededBytes)) {
      run.screen.remark(printable(`${name}: ${describeSpace(event.space)}`));
    }
    if (event.type === "waiting") run.warn(waitingText(event));
    if (event.type === "synchronizing") run.screen.remark(synchronizingText(name));
    onEvent(event);
  }
  return await task.report;
}

/** Only unpacking cannot do without ranges. */
function explainRanges(unpackOva: boolean): (error: unknown) => never {
  return (error) => {
    if (!unpackOva || !(error instanceof TransferError) || error.problem !== "no-range") throw error;
    const hints = ["Without --unpack-ova the archive itself is downloaded, which needs no ranges."];
    throw new CliError(error.message, { exitCode: exitCodes.failed, hints, cause: error });
  };
}

interface Ending {
  readonly hasFailed: boolean;
  readonly json: boolean;
  readonly existing: DownloadSettings["existing"];
}

/** Sums up the files of a run that has ended: for programs always, for people where it has failed. */
function sumUp(outcome: EndedRun, { hasFailed, json, existing }: Ending, run: Run): void {
  if (json) run.screen.printJson({ type: "summary", ...outcome.summary, complete: !hasFailed });
  const line = hasFailed ? outcome.describe(existing) : undefined;
  if (line === undefined) return;
  run.summarize(line);
  run.screen.note(line);
}

/** Summarizes downloads: files, size, time, how they were verified, and what was left alone. */
function describeReports(reports: readonly DownloadReport[], durationMs: number, screen: Screen): readonly string[] {
  const files = reports.flatMap((report) => report.files);
  const left = reports.reduce((count, { leftAlone = [] }) => count + leftAlone.length, 0);
  const lines = left === 0 ? [] : [`${formatCount(left, "file")} existed: left alone, UNVERIFIED.`];
  if (files.length === 0) return left === 0 ? ["No files."] : lines;
  const sizeBytes = sum(files.map((file) => file.sizeBytes));
  const receivedBytes = sum(reports.map((report) => report.receivedBytes));
  const ofItems = reports.length > 1 ? ` of ${formatCount(reports.length, "item")}` : "";
  const rate = durationMs > 0 && receivedBytes > 0 ? ` (${formatRate(receivedBytes / (durationMs / 1000))})` : "";
  const what = `${formatCount(files.length, "file")}${ofItems}, ${formatBytes(sizeBytes)} in ${formatDuration(durationMs)}`;
  return [`${what}${rate}, ${describeVerdict(reports, (format, text) => screen.paint(format, text))}.`, ...lines];
}

function describeDirectory([first, ...others]: readonly DownloadReport[]): readonly string[] {
  if (first === undefined || [first, ...others].every(({ files }) => files.length === 0)) return [];
  if (others.length === 0) return [`Saved to ${first.directory}`];
  return [`Saved to ${parentPlace(first.directory)}, in a directory per item`];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Whether the message of an error says which file it is about; what the server says may not. */
function namesItsFile(error: unknown): boolean {
  return error instanceof IntegrityError || error instanceof TransferError || error instanceof PrepareError;
}
