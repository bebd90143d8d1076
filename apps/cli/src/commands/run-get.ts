import { join } from "node:path";
import type { DownloadReport } from "@carrel/node-stream";
import { usageError } from "../cli-error.ts";
import { writeChecksumFile } from "../get/checksum-file.ts";
import { downloadOne } from "../get/download-one.ts";
import { dryRun } from "../get/dry-run.ts";
import type { GetFlags } from "../get/get-flags.ts";
import { selectItems } from "../get/select-items.ts";
import type { SelectedItem } from "../get/select-items.ts";
import { toStdout } from "../get/to-stdout.ts";
import { readTransferSettings } from "../get/transfer-settings.ts";
import { parseTarget } from "../names/parse-target.ts";
import { openConnection } from "../open-connection.ts";
import { printable } from "../output/printable.ts";
import { reportEvents } from "../output/json-events.ts";
import type { Run } from "../run-command.ts";

/** `carrel get`. */
export async function runGet(targets: readonly string[], flags: GetFlags, run: Run): Promise<void> {
  const { screen, signal } = run;
  const parsed = targets.map(parseTarget);
  const transfer = readTransferSettings(flags);
  const pipe = flags.output === "-";
  if (pipe && (flags.json || flags.checksum)) throw usageError("With -o - there can be no --json and no --checksum.");
  await using connection = await openConnection(flags, run);
  const items = await selectItems(connection.client, parsed, signal);
  if (pipe && !flags.dryRun) {
    await toStdout(connection, items, transfer, run);
    return;
  }

  const folders = foldersFor(items, pipe ? undefined : flags.output);
  const reports: DownloadReport[] = [];
  for (const [item, folder] of folders) {
    if (flags.dryRun) {
      await dryRun(connection.client, item, { folder, json: flags.json ?? false }, run);
      continue;
    }
    if (folders.size > 1 && !flags.json) screen.print(printable(`${item.name}:`));
    const onEvent = flags.json ? reportEvents(item, screen) : undefined;
    const report = await downloadOne(connection, item, { folder, transfer, onEvent }, run);
    if (!flags.json) screen.print(`They are in ${printable(report.folder)}`);
    reports.push(report);
  }
  if (flags.checksum !== undefined && !flags.dryRun) await writeChecksumFile(flags.checksum, reports, signal);
}

/** One plain item goes right into the folder that is given; several, or what a glob found, into a folder each within it. */
function foldersFor(items: readonly SelectedItem[], output: string | undefined): ReadonlyMap<SelectedItem, string> {
  const [first] = items;
  const single = items.length === 1 && first?.byGlob === false;
  const folders = new Map<SelectedItem, string>();
  const taken = new Map<string, SelectedItem>();
  for (const item of items) {
    const folder = single ? (output ?? item.folderName) : join(output ?? ".", item.folderName);
    const other = taken.get(folder.toLowerCase());
    if (other) throw usageError(`The items ${other.id} and ${item.id} would go into one folder: ${folder}`);
    taken.set(folder.toLowerCase(), item);
    folders.set(item, folder);
  }
  return folders;
}
