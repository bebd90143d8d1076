import { performance } from "node:perf_hooks";
import type { ExitCode } from "../process/exit-code.ts";
import { ItemFailures } from "../run/item-failures.ts";
import type { ItemFailure } from "../run/item-failures.ts";
import { formatBytes, formatCount } from "../output/format.ts";
import { printable } from "../output/printable.ts";
import { describeNotes, describeVerdict } from "../output/verdict.ts";
import type { Screen } from "../output/screen.ts";
import type { BroughtItem } from "./bring-item.ts";
import type { MirrorStep } from "./compare-item.ts";
import type { Deletion } from "./delete-files.ts";
import { actionWords, describeCounts, inPlace, noCounts } from "./mirror-counts.ts";
import { sumOf } from "./mirrored-item.ts";
import type { MirroredFile, MirroredItem } from "./mirrored-item.ts";
import type { MirrorPlan } from "./plan-mirror.ts";

/** Tells how a mirror is brought up to date, and keeps count. */
export interface MirrorReport {
  plan(plan: MirrorPlan): void;
  brought(step: MirrorStep, item: BroughtItem): void;
  /** An item that is gone on the server was deleted. */
  deleted(item: MirroredItem, deletion: Deletion): void;
  /** Files were deleted that their item has no more. */
  leftoversDeleted(item: MirroredItem, deletion: Deletion): void;
  failed(failure: ItemFailure): void;
  /** What is gone on the server could not be deleted here. */
  notDeleted(failure: ItemFailure): void;
  /** Sums up. Returns the exit code. */
  end(): ExitCode;
}

/** How it is told. */
export interface MirrorReportOptions {
  readonly json: boolean;
  /** Only what went wrong. */
  readonly quiet: boolean;
  /** Whether what is gone is deleted. */
  readonly delete: boolean;
}

/** Makes a report. */
export function createMirrorReport(screen: Screen, options: MirrorReportOptions): MirrorReport {
  const startedAt = performance.now();
  const failures = new ItemFailures(screen, options);
  const undeleted = new ItemFailures(screen, options);
  const counts = noCounts();
  const tell = (event: object, line: () => string): void => {
    if (options.json) screen.printJson(event);
    else if (!options.quiet) screen.print(printable(line()));
  };
  const tellFile = (type: "deleted" | "kept", item: MirroredItem, file: MirroredFile, note = ""): void => {
    const event = { type, item: item.name, itemId: item.id, folder: item.folder };
    tell({ ...event, file: file.name, sizeBytes: file.sizeBytes }, () =>
      lineOf(type, [file], `${item.name}/${file.name}${note}`),
    );
  };
  const takeIn = (item: MirroredItem, { files, kept }: Deletion): void => {
    counts.deletedFiles += files.length;
    counts.deletedBytes += sumOf(files);
    for (const file of kept) tellFile("kept", item, file, "  (modified locally, no longer managed by mirror)");
  };

  return {
    plan({ steps, failures: { length: failed }, gone, leftOut, verified }) {
      const unchanged = steps.filter(({ action }) => action === "none");
      counts.total = steps.length + failed;
      counts.done.none = unchanged.length;
      counts.goneAndKept = options.delete ? 0 : gone.length;
      counts.leftoversKept = options.delete ? 0 : unchanged.flatMap(({ leftovers }) => leftovers).length;
      counts.templates = leftOut.length;
      counts.verified = verified;
    },
    brought({ action, item, folder }, { record, report }) {
      const files = record.files.filter(({ gone }) => !gone);
      counts.done[action] += 1;
      const receivedBytes = report?.receivedBytes ?? 0;
      counts.receivedBytes += receivedBytes;
      if (!options.delete) counts.leftoversKept += record.files.length - files.length;
      const unverified = files.filter(({ verifiedBy }) => verifiedBy === "nothing").length;
      const sums = { files: files.length, unverified, sizeBytes: sumOf(files), receivedBytes };
      const { manifests = [], files: downloaded = [] } = report ?? {};
      const verified = {
        manifests,
        files: files.map((file) => downloaded.find((each) => each.name === file.name) ?? file),
      };
      const doubts = downloaded.flatMap((file) => (file.doubts ? [{ file: file.name, doubts: file.doubts }] : []));
      const archives = downloaded.flatMap((file) => (file.archive ? [{ file: file.name, ...file.archive }] : []));
      const { id: itemId, name, contentVersion } = { ...item, contentVersion: record.contentVersion };
      const details = { ...sums, doubts, manifests, archives };
      tell({ type: "mirrored", action, item: name, itemId, folder, contentVersion, ...details }, () =>
        lineOf(actionWords[action], files, `${describeVerdict([verified])}  ${name}`),
      );
      if (options.json) return;
      for (const sentence of describeNotes(verified)) screen.note(printable(`Warning: "${name}": ${sentence}`));
    },
    deleted(item, deletion) {
      const { id: itemId, name, folder } = item;
      const { files } = deletion;
      counts.deleted += 1;
      takeIn(item, deletion);
      tell({ type: "deleted", item: name, itemId, folder, files: files.length, sizeBytes: sumOf(files) }, () =>
        lineOf("deleted", files, name),
      );
    },
    leftoversDeleted(item, deletion) {
      counts.leftoversDeleted += deletion.files.length;
      takeIn(item, deletion);
      for (const file of deletion.files) tellFile("deleted", item, file);
    },
    failed: (failure) => failures.add(failure),
    notDeleted: (failure) => undeleted.add(failure),
    end() {
      const durationMs = Math.round(performance.now() - startedAt);
      const { total: _total, done, templates, verified, ...others } = counts;
      const { none: unchanged, ...changes } = done;
      const allInPlace = failures.count + undeleted.count === 0;
      const failed = { failed: failures.count, notDeleted: undeleted.count };
      const items = { inPlace: inPlace(counts), unchanged, ...changes, templates, ...failed };
      tell({ type: "done", allInPlace, ...items, ...others, ...(verified && { verified }), durationMs }, () =>
        describeCounts(counts, durationMs),
      );
      if (failures.count > 0) screen.note(`carrel: Not mirrored: ${failures.names}`);
      if (undeleted.count > 0) screen.note(`carrel: Not deleted: ${undeleted.names}`);
      return failures.exitCode || undeleted.exitCode;
    },
  };
}

function lineOf(word: string, files: readonly MirroredFile[], rest: string): string {
  const figures = `${formatBytes(sumOf(files)).padStart(10)}  ${formatCount(files.length, "file").padStart(8)}`;
  return `${word.padEnd(10)}  ${figures}  ${rest}`;
}
