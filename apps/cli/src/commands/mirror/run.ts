import { resolve } from "node:path";
import { defined } from "@carrel/core/kit";
import { MirrorError, mirrorLibrary } from "@carrel/mirror";
import type { ItemSelection } from "@carrel/mirror";
import { openConnection } from "../../connection/connect.ts";
import { parsePath } from "../../names/parse-target.ts";
import { resolveLibrary } from "../../names/resolve-name.ts";
import { usageError } from "../../process/cli-error.ts";
import type { ExitCode } from "../../process/cli-error.ts";
import type { Run } from "../../run/run-command.ts";
import type { ConnectionFlags } from "../../settings/connection-settings.ts";
import type { TransferFlags } from "../../settings/transfer-options.ts";
import { parseCount, parseSince } from "../../settings/parse-values.ts";
import { readDownloadSettings } from "../../settings/transfer-settings.ts";
import { MirrorDisplay } from "./display.ts";

/** Flags of `carrel mirror`. */
export interface MirrorFlags extends ConnectionFlags, TransferFlags {
  readonly delete?: boolean;
  readonly maxDelete?: string;
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  readonly type?: readonly string[];
  readonly newerThan?: string;
  readonly dryRun?: boolean;
  readonly verify?: boolean;
  readonly json?: boolean;
}

/** `carrel mirror`. */
export async function runMirror(wanted: string, directory: string, flags: MirrorFlags, run: Run): Promise<ExitCode> {
  const { existing: _existing, ...transfer } = readDownloadSettings(flags);
  const { delete: deletes = false, dryRun = false, verify = false, json = false } = flags;
  const { maxDelete } = flags;
  if (maxDelete !== undefined && !deletes) throw usageError("--max-delete has no effect without --delete");
  const guards = defined({
    maxDelete: maxDelete === undefined ? undefined : parseCount(maxDelete, "--max-delete", 0),
    select: selectionOf(flags),
  });
  const root = resolve(directory);
  await using connection = await openConnection(flags, run);
  const { client, pool } = connection;
  const library = await resolveLibrary(client, readLibrary(wanted), run.signal);
  using display = new MirrorDisplay(run, { root, json, dryRun });
  const options = { ...transfer, ...guards, delete: deletes, dryRun, verify, pool, signal: run.signal };
  await using task = mirrorLibrary(client, library.id, root, options);
  try {
    for await (const event of task) display.show(event);
  } catch (error) {
    // Each failure was shown when it happened.
    if (!(error instanceof MirrorError) || error.problem !== "incomplete") throw error;
  }
  return display.end();
}

function selectionOf({ include, exclude, type: types, newerThan }: MirrorFlags): ItemSelection {
  const since = newerThan === undefined ? undefined : parseSince(newerThan, "--newer-than", Date.now());
  return defined({ include, exclude, types, newerThan: since });
}

function readLibrary(text: string): string {
  const { library, item } = parsePath(text);
  if (library !== undefined && item === undefined) return library;
  throw usageError(`"${text}" is not a library`, "Only whole libraries are mirrored: carrel mirror LIBRARY DIR");
}
