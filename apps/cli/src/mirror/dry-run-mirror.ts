import { exitCodes } from "../exit-code.ts";
import type { ExitCode } from "../exit-code.ts";
import { formatBytes } from "../output/format.ts";
import { printable } from "../output/printable.ts";
import type { Screen } from "../output/screen.ts";
import type { MirrorReportOptions } from "./mirror-report.ts";
import type { MirrorPlan } from "./plan-mirror.ts";

interface Planned {
  readonly action: string;
  readonly item: string;
  readonly itemId: string;
  readonly folder: string;
  /** What the item takes on the server's storage. */
  readonly storageBytes?: number;
  readonly file?: string;
}

/** Says what a run would do. Returns the exit code: 1 where there is something. */
export function dryRunMirror(plan: MirrorPlan, screen: Screen, options: MirrorReportOptions): ExitCode {
  const planned = plannedOf(plan, options.delete);
  for (const one of planned) {
    if (options.json) screen.print(JSON.stringify({ type: "planned", ...one }));
    else if (!options.quiet) screen.print(printable(describe(one)));
  }
  const unchanged = plan.steps.filter(({ action }) => action === "none").length;
  const count = planned.filter(({ action }) => action !== "kept").length;
  if (options.json) screen.print(JSON.stringify({ type: "done", dryRun: true, allInPlace: count === 0, unchanged }));
  else if (!options.quiet) {
    const verdict = count === 0 ? "All is in place." : "Nothing was changed.";
    screen.print(`${count} to do, ${unchanged} unchanged. ${verdict}`);
  }
  return count === 0 ? exitCodes.done : exitCodes.failed;
}

function plannedOf({ steps, gone }: MirrorPlan, deletes: boolean): readonly Planned[] {
  const fetched = steps.filter(({ action }) => action !== "none");
  const leftovers = deletes ? steps.flatMap((step) => step.leftovers.map(({ name }) => ({ ...step, file: name }))) : [];
  return [
    ...gone.map(({ id, name, folder }) => ({ action: deletes ? "delete" : "kept", item: name, itemId: id, folder })),
    ...leftovers.map(({ item: { id, name }, folder, file }) => {
      return { action: "delete", item: name, itemId: id, folder, file };
    }),
    ...fetched.map(({ action, item: { id, name, storageBytes }, folder }) => {
      return { action, item: name, itemId: id, folder, ...(action !== "renamed" && { storageBytes }) };
    }),
  ];
}

function describe({ action, item, folder, storageBytes, file }: Planned): string {
  const size = (storageBytes === undefined ? "" : formatBytes(storageBytes)).padStart(10);
  const what = file === undefined ? item : `${item}/${file}`;
  const more = action === "kept" ? "  (gone; --delete deletes it)" : folder === item ? "" : `  -> ${folder}`;
  return `${action.padEnd(10)}  ${size}  ${what}${more}`;
}
