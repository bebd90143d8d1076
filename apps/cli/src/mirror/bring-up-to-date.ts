import type { DownloadEvent } from "@carrel/core";
import { LockLostError } from "@carrel/node-stream/fs";
import { atOnce } from "../run/at-once.ts";
import { unflushedText, waitingText } from "../output/download-warnings.ts";
import { concernsAll } from "../run/item-failures.ts";
import { createDownloadBars } from "../output/download-bars.ts";
import type { Screen } from "../output/screen.ts";
import { bringItem } from "./bring-item.ts";
import type { MirrorStep } from "./compare-item.ts";
import { deleteItem, deleteLeftovers } from "./delete-files.ts";
import type { MirrorReport, MirrorReportOptions } from "./mirror-report.ts";
import type { Mirror } from "./mirror.ts";
import type { MirroredItem } from "./mirrored-item.ts";
import { moveFolders } from "./move-folders.ts";
import type { MirrorPlan } from "./plan-mirror.ts";
import { tidyIncoming } from "./tidy-incoming.ts";

/** How a plan is carried out. */
export interface BringOptions extends MirrorReportOptions {
  readonly report: MirrorReport;
  readonly screen: Screen;
}

/** Carries out a plan: what is gone goes first and makes room, then folders get their names, then items arrive. */
export async function bringUpToDate(mirror: Mirror, plan: MirrorPlan, options: BringOptions): Promise<void> {
  const { manifest } = mirror;
  const { report } = options;
  report.plan(plan);
  for (const failure of plan.failures) report.failed(failure);
  if (options.delete) {
    await deleteEach(mirror, plan.gone, report, async (item) => report.deleted(item, await deleteItem(mirror, item)));
  }
  const stuck = await moveFolders(mirror, plan.steps);
  for (const failure of stuck) report.failed(failure);
  const stuckIds = new Set(stuck.map(({ id }) => id));
  const steps = plan.steps.filter(({ action, item }) => action !== "none" && !stuckIds.has(item.id));
  const wanted = steps.map(({ item }) => item);
  const unsure = [...plan.failures, ...stuck].map(({ id }) => id);
  await tidyIncoming(mirror, wanted, unsure);
  await bringAll(mirror, steps, options);
  if (options.delete) {
    await deleteEach(mirror, [...manifest.items.values()], report, async (item) =>
      report.leftoversDeleted(item, await deleteLeftovers(mirror, item)),
    );
  }
  await tidyIncoming(mirror, wanted, unsure);
}

async function deleteEach(
  { signal }: Mirror,
  items: readonly MirroredItem[],
  report: MirrorReport,
  work: (item: MirroredItem) => Promise<void>,
): Promise<void> {
  for (const item of items) {
    signal.throwIfAborted();
    try {
      await work(item);
    } catch (error) {
      if (stopsAll(error)) throw error;
      report.notDeleted({ id: item.id, name: item.name, error });
    }
  }
}

async function bringAll(mirror: Mirror, steps: readonly MirrorStep[], options: BringOptions): Promise<void> {
  const { signal } = mirror;
  const { report, screen, quiet, json } = options;
  const items = steps.map(({ item }) => item);
  using bars = quiet || json ? undefined : createDownloadBars(screen, items, signal);
  let isWarned = false;
  await atOnce(steps, mirror.transfer.concurrency.files, async (step) => {
    const { id, name } = step.item;
    signal.throwIfAborted();
    const shown = bars?.begin(step.item);
    try {
      const onEvent = (event: DownloadEvent): void => {
        if (event.type === "waiting") screen.note(`Warning: ${waitingText(event)}`);
        shown?.event(event);
      };
      const brought = await bringItem(mirror, step, onEvent);
      report.brought(step, brought);
      const unflushed = isWarned || brought.report === undefined ? undefined : unflushedText([brought.report]);
      if (unflushed === undefined) return;
      isWarned = true;
      screen.note(`Warning: ${unflushed}`);
    } catch (error) {
      signal.throwIfAborted();
      if (stopsAll(error)) throw error;
      // Whoever has the mirror now may have taken away what this run was at work on: then that is what failed.
      await mirror.lock.assertHeld();
      report.failed({ id, name, error });
    } finally {
      shown?.end();
    }
  });
}

/** Another run is at work in the folder, or nobody is let in any more. */
function stopsAll(error: unknown): boolean {
  return concernsAll(error) || error instanceof LockLostError;
}
