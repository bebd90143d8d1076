import type { ItemFailure } from "../run/item-failures.ts";
import type { MirrorStep } from "./compare-item.ts";
import { lookAtDeletion } from "./delete-files.ts";
import type { DryRun, Planned } from "./dry-run-mirror.ts";
import { filesOnServer } from "./files-on-server.ts";
import { isCurrent, sumOf } from "./mirrored-item.ts";
import type { MirroredFile, MirroredItem } from "./mirrored-item.ts";
import type { MirrorPlan } from "./plan-mirror.ts";

/** What a run would delete, or keep though it is gone on the server; and what it could not delete. */
export interface PlannedDeletions {
  readonly planned: readonly Planned[];
  readonly failures: readonly ItemFailure[];
}

/** Looks for what a run would delete. With --delete it costs a call for each item whose content changed. */
export async function plannedDeletions({ steps, gone }: MirrorPlan, run: DryRun): Promise<PlannedDeletions> {
  const planned: Planned[] = [];
  const failures: ItemFailure[] = [];
  const attempt = async (item: Pick<MirroredItem, "id" | "name">, look: () => Promise<void>): Promise<void> => {
    try {
      await look();
    } catch (error) {
      run.signal.throwIfAborted();
      failures.push({ id: item.id, name: item.name, error });
    }
  };
  for (const item of gone) {
    await attempt(item, async () => {
      const { id: itemId, name, folder } = item;
      if (!run.delete) {
        planned.push({ action: "kept", item: name, itemId, folder });
        return;
      }
      const { files } = await lookAtDeletion(run.root, item, item.files);
      const figures = { files: files.length, sizeBytes: sumOf(files) };
      planned.push({ action: "delete", item: name, itemId, folder, ...figures });
    });
  }
  for (const step of steps) {
    const { item, before, folder } = step;
    if (before === undefined) continue;
    await attempt(item, async () => {
      const leftovers = [...step.leftovers, ...(run.delete ? await leftoversToBe(step, run) : [])];
      const { files } = await lookAtDeletion(run.root, before, leftovers);
      const action = run.delete ? "delete" : "kept";
      for (const { name: file, sizeBytes } of files) {
        planned.push({ action, item: item.name, itemId: item.id, folder, file, sizeBytes });
      }
    });
  }
  return { planned, failures };
}

/** Files of the version before that the item has no more, as far as the server tells. */
async function leftoversToBe(
  { item, before }: MirrorStep,
  { client, signal }: DryRun,
): Promise<readonly MirroredFile[]> {
  if (before === undefined || isCurrent(before, item)) return [];
  const now = await filesOnServer(client, item.id, signal);
  if (now === undefined) return [];
  const names = new Set(now.map(({ name }) => name));
  return before.files.filter(({ name, gone }) => !gone && !names.has(name));
}
