import { basename, isAbsolute, join, relative, resolve } from "node:path";
import { performance } from "node:perf_hooks";
import { defined } from "@carrel/core/kit";
import { MirrorError } from "@carrel/mirror";
import type { DryRunDone, MirrorDone, MirrorOptions } from "@carrel/mirror";
import { mirrorFrom } from "@carrel/mirror/source";
import type { MirrorSource } from "@carrel/mirror/source";
import type { Outages } from "../../output/outages.ts";
import { printable } from "../../output/printable.ts";
import { usageError } from "../../process/cli-error.ts";
import type { ExitCode } from "../../process/cli-error.ts";
import { concernsAll, ItemFailures, mostSerious } from "../../run/item-failures.ts";
import type { Run } from "../../run/run-command.ts";
import { MirrorDisplay } from "./display.ts";
import type { MirroredLibrary, MirrorTarget } from "./libraries.ts";
import { describeAll } from "./sentences.ts";

/** What is mirrored, and how. */
export interface MirrorEachOptions {
  readonly source: MirrorSource;
  readonly libraries: readonly MirroredLibrary[];
  readonly placeAt?: MirrorTarget["placeAt"];
  readonly options: MirrorOptions;
  readonly json: boolean;
  /** Reports outages. */
  readonly outages: Outages;
  /** Where to keep what is deleted or replaced. */
  readonly backupDir?: string;
}

/**
 * Mirrors libraries, one after the other. A single one that fails is an error; of several, one that fails does not stop the others,
 * and the last line sums all up. Returns the most serious exit code.
 */
export async function mirrorEach(
  { source, libraries, placeAt, options, json, outages, backupDir }: MirrorEachOptions,
  run: Run,
): Promise<ExitCode> {
  const startedAt = performance.now();
  const members = ({ id, name }: { readonly id: string; readonly name: string }): Record<string, string> => ({
    library: name,
    libraryId: id,
  });
  const failures = new ItemFailures(run.screen, { json, members });
  const ended: (MirrorDone | DryRunDone)[] = [];
  const codes: ExitCode[] = [];
  for (const library of libraries) {
    const { id, name, root, label } = library;
    const named = { library: name, libraryId: id, ...defined({ label }) };
    const { dryRun = false } = options;
    using display = new MirrorDisplay(run, { root, json, dryRun, outages, ...named });
    const place = placeAt?.(root) ?? root;
    try {
      const backupDirectory = backupDir && backupDirectoryFor(library, backupDir);
      await using task = mirrorFrom(source, id, place, {
        ...options,
        ...defined({ backupDirectory }),
      });
      for await (const event of task) {
        display.show(event);
        if (event.type === "done") ended.push(event);
      }
    } catch (error) {
      run.signal.throwIfAborted();
      // Each failure was shown when it happened.
      if (!(error instanceof MirrorError) || error.problem !== "incomplete") {
        const isOver = typeof place === "object" && place.concernsAll?.(error) === true;
        if (libraries.length === 1 || concernsAll(error) || isOver) throw error;
        display[Symbol.dispose]();
        failures.add({ ...library, error });
      }
    }
    codes.push(display.end());
  }
  if (libraries.length > 1 && !json) {
    run.screen.printSentence(
      printable(describeAll(ended, { failed: failures.count, durationMs: performance.now() - startedAt })),
    );
  }
  if (failures.count > 0) run.screen.note(`carrel: Libraries not mirrored: ${failures.names}`);
  return mostSerious([...codes, failures.exitCode]);
}

/**
 * Of several libraries each has a directory of its own there.
 * @throws {@link CliError} exit code 2: it is where the mirror has, or could have, an item.
 */
function backupDirectoryFor({ root, label }: MirroredLibrary, backupDir: string): string {
  const path = label === undefined ? resolve(backupDir) : join(resolve(backupDir), basename(root));
  const below = relative(root, path);
  if (below.startsWith("..") || isAbsolute(below) || (below.startsWith(".") && !below.startsWith(".carrel")))
    return path;
  throw usageError(
    `--backup-dir: "${backupDir}" is inside the mirror "${root}"`,
    `Choose a directory beside it, or one whose name begins with a dot: ${join(root, ".before")}`,
  );
}
