import { formatBytes, formatCount, formatDuration } from "../output/format.ts";
import type { MirrorAction } from "./compare-item.ts";
import { describeVerification } from "./verification.ts";
import type { Verification } from "./verification.ts";

/** What a run comes to. */
export interface MirrorCounts {
  /** Items that should be in place. */
  total: number;
  /** Items that are, by what was done about them. */
  readonly done: Record<MirrorAction, number>;
  /** VM templates, which are left out. */
  templates: number;
  /** Items that are gone on the server, and stay. */
  goneAndKept: number;
  /** Files that their items have no more, and stay. */
  leftoversKept: number;
  /** Items that were deleted. */
  deleted: number;
  /** Files that were deleted because their items have them no more. */
  leftoversDeleted: number;
  /** All that were deleted. */
  deletedFiles: number;
  deletedBytes: number;
  receivedBytes: number;
  /** Where files were read. */
  verified: Verification | undefined;
}

/** What was done about an item, in words. */
export const actionWords: Readonly<Record<MirrorAction, string>> = {
  new: "new",
  changed: "changed",
  incomplete: "completed",
  renamed: "renamed",
  none: "unchanged",
};

/** Nothing yet. */
export function noCounts(): MirrorCounts {
  return {
    total: 0,
    done: { new: 0, changed: 0, incomplete: 0, renamed: 0, none: 0 },
    templates: 0,
    goneAndKept: 0,
    leftoversKept: 0,
    deleted: 0,
    leftoversDeleted: 0,
    deletedFiles: 0,
    deletedBytes: 0,
    receivedBytes: 0,
    verified: undefined,
  };
}

/** Items that are in place. */
export function inPlace({ done }: MirrorCounts): number {
  return Object.values(done).reduce((sum, count) => sum + count, 0);
}

/** Sums a run up in a line. */
export function describeCounts(counts: MirrorCounts, durationMs: number): string {
  const { done, deleted, leftoversDeleted, goneAndKept, leftoversKept, templates, verified } = counts;
  const changes = Object.entries(done).filter(([action, count]) => count > 0 || action === "none");
  const what = changes.map(([action, count]) => `${count} ${actionWords[action as MirrorAction]}`);
  if (deleted > 0) what.push(`${deleted} deleted`);
  if (leftoversDeleted > 0) what.push(`${formatCount(leftoversDeleted, "leftover file")} deleted`);
  if (goneAndKept > 0) what.push(`${goneAndKept} gone and kept (--delete deletes)`);
  if (leftoversKept > 0) what.push(`${formatCount(leftoversKept, "leftover file")} kept (--delete deletes)`);
  if (templates > 0) what.push(`${formatCount(templates, "VM template")} left out`);
  if (verified) what.push(describeVerification(verified));
  const received = `${formatBytes(counts.receivedBytes)} received in ${formatDuration(durationMs)}`;
  return `${inPlace(counts)} of ${formatCount(counts.total, "item")} in place: ${what.join(", ")}; ${received}.`;
}
