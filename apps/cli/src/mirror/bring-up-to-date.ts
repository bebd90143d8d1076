import { atOnce } from "../at-once.ts";
import { concernsAll } from "../item-failures.ts";
import { createDownloadBars } from "../output/download-bars.ts";
import type { Screen } from "../output/screen.ts";
import { bringItem } from "./bring-item.ts";
import { deleteItem, deleteLeftovers } from "./delete-files.ts";
import type { MirrorReport, MirrorReportOptions } from "./mirror-report.ts";
import type { Mirror } from "./mirror.ts";
import { moveFolders } from "./move-folders.ts";
import type { MirrorPlan, MirrorStep } from "./plan-mirror.ts";
import { tidyIncoming } from "./tidy-incoming.ts";

/** How a plan is carried out. */
export interface BringOptions extends MirrorReportOptions {
  readonly report: MirrorReport;
  readonly screen: Screen;
}

/** Carries out a plan: what is gone goes first and makes room, then folders get their names, then items arrive. */
export async function bringUpToDate(mirror: Mirror, plan: MirrorPlan, options: BringOptions): Promise<void> {
  const { root, manifest, signal } = mirror;
  const { report } = options;
  report.plan(plan);
  for (const failure of plan.failures) report.failed(failure);
  for (const item of options.delete ? plan.gone : []) {
    signal.throwIfAborted();
    await deleteItem(mirror, item);
    report.deleted(item);
  }
  const stuck = await moveFolders(mirror, plan.steps);
  for (const failure of stuck) report.failed(failure);
  const stuckIds = new Set(stuck.map(({ id }) => id));
  const steps = plan.steps.filter(({ action, item }) => action !== "none" && !stuckIds.has(item.id));
  const tidy = (): Promise<void> => {
    const unseen = plan.failures.map(({ id }) => id);
    return tidyIncoming(
      root,
      steps.map(({ item }) => item),
      unseen,
    );
  };
  await tidy();
  await bringAll(mirror, steps, options);
  if (options.delete) for (const item of manifest.items.values()) await deleteLeftovers(mirror, item);
  await tidy();
}

async function bringAll(mirror: Mirror, steps: readonly MirrorStep[], options: BringOptions): Promise<void> {
  const { signal } = mirror;
  const { report, screen, quiet, json } = options;
  const items = steps.map(({ item }) => item);
  using bars = quiet || json ? undefined : createDownloadBars(screen, items, signal);
  await atOnce(steps, mirror.transfer.concurrency.files, async (step) => {
    const { id, name } = step.item;
    signal.throwIfAborted();
    const shown = bars?.begin(step.item);
    try {
      report.brought(step, await bringItem(mirror, step, (event) => shown?.event(event)));
    } catch (error) {
      signal.throwIfAborted();
      if (concernsAll(error)) throw error;
      report.failed({ id, name, error });
    } finally {
      shown?.end();
    }
  });
}
