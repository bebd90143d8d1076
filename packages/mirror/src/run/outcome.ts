import { defined } from "@carrel/core/kit";
import { quote } from "@carrel/node-stream/fs";
import type { Deletion } from "../plan/delete.ts";
import { MirrorError } from "../errors.ts";
import type { MirrorEvent } from "../events.ts";
import type { Comparison } from "../plan/plan.ts";
import { sumOf } from "../record/record-text.ts";
import type { RecordedItem } from "../record/record-text.ts";
import type {
  FailedItem,
  MirrorAction,
  MirrorCounts,
  MirrorDeletion,
  MirroredItem,
  MirrorPlan,
  MirrorReport,
} from "../report.ts";

/** What a report says besides what was done. */
export interface ReportOptions extends Pick<
  MirrorReport,
  "libraryId" | "directory" | "dryRun" | "plan" | "published" | "backup"
> {
  readonly comparison: Comparison;
  /** Whether what no longer exists on the server was to be deleted. */
  readonly deletes: boolean;
  /** Items that have not been gone for long enough to be deleted. */
  readonly awaitingDeletion: number;
  /** The same of files. */
  readonly leftoversAwaitingDeletion: number;
}

/** What comes of a run: each result is an event at once, and in the report at the end. */
export class Outcome {
  readonly #emit: (event: MirrorEvent) => void;
  readonly #startedAt: number = performance.now();
  readonly #mirrored: MirroredItem[] = [];
  readonly #deleted: MirrorDeletion[] = [];
  readonly #kept: MirrorDeletion[] = [];
  readonly #failed: FailedItem[] = [];
  readonly #notDeleted: FailedItem[] = [];
  #deletedFiles = 0;
  #deletedBytes = 0;

  constructor(emit: (event: MirrorEvent) => void) {
    this.#emit = emit;
  }

  /** Adds an item that is in place. */
  addMirrored(item: MirroredItem): void {
    this.#mirrored.push(item);
    this.#emit({ type: "mirrored", ...item });
  }

  /** Adds an item that could not be updated, or could not be deleted. */
  addFailure(work: "update" | "delete", failure: FailedItem): void {
    (work === "update" ? this.#failed : this.#notDeleted).push(failure);
    this.#emit({ type: "failed", work, ...failure });
  }

  /** Adds a directory of an earlier version that was deleted. */
  addDeletedSpare(item: RecordedItem, directory: string, deletion: Deletion): void {
    this.#addKept({ ...item, directory }, deletion);
    this.#deletedFiles += deletion.files.length;
    this.#deletedBytes += sumOf(deletion.files);
    const { length: files } = deletion.files;
    this.#emit({ type: "expired", ...nameOf(item), directory, files, sizeBytes: sumOf(deletion.files) });
  }

  /** Adds an item that was deleted. */
  addDeletedItem(item: RecordedItem, deletion: Deletion): void {
    this.#addKept(item, deletion);
    this.#addDeletion({ ...nameOf(item), files: deletion.files.length, sizeBytes: sumOf(deletion.files) });
  }

  /** Adds files that were deleted, one by one. */
  addDeletedFiles(item: RecordedItem, deletion: Deletion): void {
    this.#addKept(item, deletion);
    for (const { name: file, sizeBytes } of deletion.files) this.#addDeletion({ ...nameOf(item), file, sizeBytes });
  }

  #addDeletion(deletion: MirrorDeletion): void {
    this.#deletedFiles += deletion.files ?? 1;
    this.#deletedBytes += deletion.sizeBytes;
    this.#deleted.push(deletion);
    this.#emit({ type: "deleted", ...deletion });
  }

  /** Adds the files that were to be deleted and were modified locally. */
  #addKept(item: RecordedItem, { kept }: Deletion): void {
    for (const { name: file, sizeBytes } of kept) {
      const keeping = { ...nameOf(item), file, sizeBytes };
      this.#kept.push(keeping);
      this.#emit({ type: "kept", ...keeping });
    }
  }

  /** Sums up, with one last event. */
  report({ comparison, deletes, awaitingDeletion, leftoversAwaitingDeletion, ...others }: ReportOptions): MirrorReport {
    const report: MirrorReport = {
      ...others,
      mirrored: this.#mirrored,
      deleted: this.#deleted,
      kept: this.#kept,
      failed: this.#failed,
      notDeleted: this.#notDeleted,
      counts: {
        ...this.#counts(comparison, others.plan, deletes),
        awaitingDeletion,
        leftoversAwaitingDeletion,
      },
      ...defined({ verified: comparison.verified }),
      durationMs: Math.round(performance.now() - this.#startedAt),
    };
    this.#emit(lastEvent(report));
    return report;
  }

  #counts(
    { steps }: Comparison,
    { unchanged, gone, templates, excluded }: MirrorPlan,
    deletes: boolean,
  ): Omit<MirrorCounts, "awaitingDeletion" | "leftoversAwaitingDeletion"> {
    const done = (action: MirrorAction): number => this.#mirrored.filter((item) => item.action === action).length;
    const untouched = steps.filter(({ action }) => action === "none").flatMap(({ leftovers }) => leftovers).length;
    const left = this.#mirrored.reduce((sum, { leftovers }) => sum + leftovers, untouched);
    const leftoversDeleted = this.#deleted.filter(({ file }) => file !== undefined).length;
    return {
      inPlace: unchanged + this.#mirrored.length,
      unchanged,
      new: done("new"),
      changed: done("changed"),
      incomplete: done("incomplete"),
      renamed: done("renamed"),
      templates: templates.length,
      excluded: excluded.length,
      failed: this.#failed.length,
      notDeleted: this.#notDeleted.length,
      goneAndKept: deletes ? 0 : gone.length,
      leftoversKept: deletes ? 0 : left,
      deleted: this.#deleted.length - leftoversDeleted,
      leftoversDeleted,
      deletedFiles: this.#deletedFiles,
      deletedBytes: this.#deletedBytes,
      receivedBytes: this.#mirrored.reduce((sum, { receivedBytes }) => sum + receivedBytes, 0),
    };
  }
}

function nameOf({
  id: itemId,
  name: item,
  directory,
}: RecordedItem): Pick<MirrorDeletion, "item" | "itemId" | "directory"> {
  return { item, itemId, directory };
}

function lastEvent(report: MirrorReport): MirrorEvent {
  const { plan, failed, notDeleted, counts, verified, published, backup, dryRun, durationMs } = report;
  const read = defined({ verified });
  if (!dryRun) {
    return {
      type: "done",
      allInPlace: failed.length + notDeleted.length === 0,
      ...counts,
      ...read,
      ...defined({ published, backup }),
      durationMs,
    };
  }
  const deletions = plan.deletions?.filter(({ action }) => action === "delete") ?? [];
  const toDo = plan.items.length + deletions.length;
  const allInPlace = toDo + failed.length === 0;
  return {
    type: "done",
    dryRun,
    allInPlace,
    toDo,
    unchanged: plan.unchanged,
    failed: failed.length,
    space: plan.space,
    ...read,
    ...defined({ published }),
  };
}

/** Makes the error for a run that left items out of place. */
export function incomplete(report: MirrorReport): MirrorError {
  const { directory, failed, notDeleted, counts } = report;
  const what = [
    ...(failed.length > 0 ? [`${failed.length} of ${counts.inPlace + failed.length} items failed`] : []),
    ...(notDeleted.length > 0 ? [`${notDeleted.length} could not be deleted`] : []),
  ];
  const [first] = [...failed, ...notDeleted];
  return new MirrorError(
    `Mirror ${quote(directory)} is incomplete: ${what.join(", ")}: ${first?.error.message ?? ""}`,
    {
      problem: "incomplete",
      path: directory,
      report,
    },
  );
}
