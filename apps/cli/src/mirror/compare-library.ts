import type { CarrelClient } from "@carrel/core";
import { CliError } from "../process/cli-error.ts";
import { exitCodes } from "../process/exit-code.ts";
import type { Count } from "../output/count.ts";
import type { Resolved } from "../names/resolve-name.ts";
import { printable } from "../output/printable.ts";
import { libraryItems } from "./library-items.ts";
import type { MirroredItem } from "./mirrored-item.ts";
import { planMirror } from "./plan-mirror.ts";
import type { MirrorPlan } from "./plan-mirror.ts";

/** Looks at a library and at its mirror. Costs one call, and one more for each item. */
export async function compareLibrary(
  client: CarrelClient,
  library: Resolved,
  root: string,
  mirrored: ReadonlyMap<string, MirroredItem>,
  options: { readonly delete: boolean; readonly signal: AbortSignal; readonly count: Count },
): Promise<MirrorPlan> {
  const { items, unseen } = await libraryItems(client, library.id, options);
  const listed = new Set([...items, ...unseen].map(({ id }) => id));
  if (options.delete && listed.size === 0 && mirrored.size > 0) throw emptied(library, root);
  const plan = await planMirror(root, items, listed, mirrored);
  const failures = unseen.map(({ id, error }) => ({ id, name: mirrored.get(id)?.name ?? id, error }));
  return { ...plan, failures: [...failures, ...plan.failures] };
}

/** A user who lost the right to see a library sees an empty one. */
function emptied({ name }: Resolved, root: string): CliError {
  return new CliError(`Library "${printable(name)}" shows no items any more: nothing was deleted`, {
    exitCode: exitCodes.failed,
    hints: ["Check that this user may still see them.", `If it is really empty, delete ${printable(root)}`],
  });
}
