import { performance } from "node:perf_hooks";
import type { ExitCode } from "../exit-code.ts";
import { ItemFailures } from "../item-failures.ts";
import type { ItemFailure } from "../item-failures.ts";
import { formatBytes, formatCount, formatDuration } from "../output/format.ts";
import { printable } from "../output/printable.ts";
import type { Screen } from "../output/screen.ts";
import type { BroughtItem } from "./bring-item.ts";
import type { MirroredItem } from "./mirrored-item.ts";
import type { MirrorAction, MirrorPlan, MirrorStep } from "./plan-mirror.ts";

/** Tells how a mirror is brought up to date, and keeps count. */
export interface MirrorReport {
  plan(plan: MirrorPlan): void;
  brought(step: MirrorStep, item: BroughtItem): void;
  deleted(item: MirroredItem): void;
  failed(failure: ItemFailure): void;
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

const words: Readonly<Record<MirrorAction, string>> = {
  new: "new",
  changed: "changed",
  incomplete: "completed",
  renamed: "renamed",
  none: "unchanged",
};

/** Makes a report. */
export function createMirrorReport(screen: Screen, options: MirrorReportOptions): MirrorReport {
  const startedAt = performance.now();
  const done: Record<MirrorAction, number> = { new: 0, changed: 0, incomplete: 0, renamed: 0, none: 0 };
  const failures = new ItemFailures(screen, options);
  let [total, templates, kept, deleted, receivedBytes] = [0, 0, 0, 0, 0];
  const tell = (event: object, line: () => string): void => {
    if (options.json) screen.print(JSON.stringify(event));
    else if (!options.quiet) screen.print(printable(line()));
  };

  return {
    plan(plan) {
      total = plan.steps.length + plan.failures.length;
      kept = options.delete ? 0 : plan.gone.length;
      done.none = plan.steps.filter(({ action }) => action === "none").length;
      templates = plan.leftOut.length;
    },
    brought({ action, item, folder }, { record, receivedBytes: received }) {
      done[action] += 1;
      receivedBytes += received;
      const files = record.files.filter(({ gone }) => !gone);
      const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
      const unverified = files.filter(({ by }) => by === "nothing").length;
      const counts = { files: files.length, unverified, sizeBytes, receivedBytes: received };
      const { id: itemId, name, contentVersion } = { ...item, contentVersion: record.contentVersion };
      tell({ type: "mirrored", action, item: name, itemId, folder, contentVersion, ...counts }, () => {
        const verdict = unverified === 0 ? "all verified" : `${unverified} UNVERIFIED: nothing to check against`;
        const figures = `${formatBytes(sizeBytes).padStart(10)}  ${formatCount(files.length, "file").padStart(8)}`;
        return `${words[action].padEnd(10)}  ${figures}  ${verdict}  ${name}`;
      });
    },
    deleted({ id, name, folder }) {
      deleted += 1;
      tell({ type: "deleted", item: name, itemId: id, folder }, () => `${"deleted".padEnd(10)}  ${name}`);
    },
    failed: (failure) => failures.add(failure),
    end() {
      const inPlace = total - failures.count;
      const durationMs = Math.round(performance.now() - startedAt);
      const { none: unchanged, ...others } = done;
      const counts = { inPlace, unchanged, ...others, deleted, goneAndKept: kept, templates, failed: failures.count };
      tell({ type: "done", allInPlace: failures.count === 0, ...counts, receivedBytes, durationMs }, () => {
        const changes = Object.entries(done).filter(([action, count]) => count > 0 || action === "none");
        const what = changes.map(([action, count]) => `${count} ${words[action as MirrorAction]}`);
        if (deleted > 0) what.push(`${deleted} deleted`);
        if (kept > 0) what.push(`${kept} gone and kept (--delete deletes)`);
        if (templates > 0) what.push(`${formatCount(templates, "VM template")} left out`);
        const received = `${formatBytes(receivedBytes)} received in ${formatDuration(durationMs)}`;
        return `${inPlace} of ${formatCount(total, "item")} in place: ${what.join(", ")}; ${received}.`;
      });
      if (failures.count > 0) screen.note(`carrel: Not in place: ${failures.names}`);
      return failures.exitCode;
    },
  };
}
