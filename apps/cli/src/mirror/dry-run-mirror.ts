import type { CarrelClient } from "@carrel/core";
import { exitCodes } from "../process/exit-code.ts";
import type { ExitCode } from "../process/exit-code.ts";
import { ItemFailures } from "../run/item-failures.ts";
import { formatBytes, formatCount } from "../output/format.ts";
import { printable } from "../output/printable.ts";
import type { Screen } from "../output/screen.ts";
import type { MirrorReportOptions } from "./mirror-report.ts";
import type { MirrorPlan } from "./plan-mirror.ts";
import { plannedDeletions } from "./planned-deletions.ts";
import { describeVerification } from "./verification.ts";

/** Something that a run would do, or leave. */
export interface Planned {
  readonly action: string;
  readonly item: string;
  readonly itemId: string;
  readonly folder: string;
  /** What the item takes on the server's storage. */
  readonly storageBytes?: number;
  /** The one file that it is about, else all of the item. */
  readonly file?: string;
  /** How many files would be deleted. */
  readonly files?: number;
  /** What they take here. */
  readonly sizeBytes?: number;
}

/** What a plan is looked at with. */
export interface DryRun extends MirrorReportOptions {
  readonly client: CarrelClient;
  readonly root: string;
  readonly screen: Screen;
  readonly signal: AbortSignal;
}

/** Says what a run would do. Returns the exit code: that of what would fail, else 1 where there is something to do. */
export async function dryRunMirror(plan: MirrorPlan, run: DryRun): Promise<ExitCode> {
  const { screen, json, quiet } = run;
  const deletions = await plannedDeletions(plan, run);
  const failures = new ItemFailures(screen, run);
  const planned = [...deletions.planned, ...plannedSteps(plan)];
  for (const one of planned) {
    if (json) screen.printJson({ type: "planned", ...one });
    else if (!quiet) screen.print(printable(describe(one)));
  }
  for (const failure of [...plan.failures, ...deletions.failures]) failures.add(failure);
  const unchanged = plan.steps.filter(({ action }) => action === "none").length;
  const toDo = planned.filter(({ action }) => action !== "kept").length;
  const { verified } = plan;
  const allInPlace = toDo + failures.count === 0;
  if (json) {
    const counts = { toDo, unchanged, failed: failures.count, ...(verified && { verified }) };
    screen.printJson({ type: "done", dryRun: true, allInPlace, ...counts });
  } else if (!quiet) {
    const what = [`${toDo} to do`, `${unchanged} unchanged`];
    if (failures.count > 0) what.push(`${failures.count} would fail`);
    if (verified) what.push(describeVerification(verified));
    screen.print(`${what.join(", ")}. ${allInPlace ? "All is in place." : "Nothing was changed."}`);
  }
  if (failures.count > 0) return failures.exitCode;
  return toDo === 0 ? exitCodes.done : exitCodes.failed;
}

function plannedSteps({ steps }: MirrorPlan): readonly Planned[] {
  const fetched = steps.filter(({ action }) => action !== "none");
  return fetched.map(({ action, item: { id, name, storageBytes }, folder }) => {
    return { action, item: name, itemId: id, folder, ...(action !== "renamed" && { storageBytes }) };
  });
}

function describe({ action, item, folder, storageBytes, sizeBytes, file, files }: Planned): string {
  const bytes = storageBytes ?? sizeBytes;
  const size = (bytes === undefined ? "" : formatBytes(bytes)).padStart(10);
  const what = file === undefined ? item : `${item}/${file}`;
  const where = folder === item ? "" : `  -> ${folder}`;
  const more = action === "kept" ? "  (gone; --delete deletes it)" : where;
  const count = files === undefined ? "" : `  (${formatCount(files, "file")})`;
  return `${action.padEnd(10)}  ${size}  ${what}${count}${more}`;
}
