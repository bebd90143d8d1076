import { join } from "node:path";
import type { CarrelClient } from "@carrel/core";
import type { DownloadReport } from "@carrel/node-stream";
import { nameKey, nameProblem } from "@carrel/node-stream/fs";
import { printable } from "../../output/printable.ts";
import { usageError } from "../../process/cli-error.ts";
import { ChecksumFile } from "./checksum-file.ts";
import { chooseFiles, onlyFile } from "./choose-files.ts";
import type { ChosenFiles } from "./choose-files.ts";
import { dryRun } from "./dry-run.ts";
import { getItems } from "./get-items.ts";
import { selectItems } from "./select-items.ts";
import type { SelectedItem } from "./select-items.ts";
import { toStdout } from "./to-stdout.ts";
import { readDownloadSettings } from "../../settings/transfer-settings.ts";
import { Count, showStatus } from "../../output/status.ts";
import { parsePattern, parseTarget, pathOf } from "../../names/parse-target.ts";
import { selectLibraries } from "../../names/select-libraries.ts";
import { formatCount } from "../../output/format.ts";
import type { PathPattern, Target } from "../../names/parse-target.ts";
import { openConnection } from "../../connection/connect.ts";
import type { Run } from "../../run/run-command.ts";
import type { GetFlags } from "./command.ts";

/** `carrel get`. */
export async function runGet(targets: readonly string[], flags: GetFlags, run: Run): Promise<void> {
  const { signal } = run;
  const { json = false } = flags;
  const patterns = targets.map(readTarget);
  const transfer = readDownloadSettings(flags, flags.existing);
  if (flags.existing === "skip" && transfer.requireVerified) {
    throw usageError("Cannot combine --existing skip with --require-verified: what exists is not read");
  }
  const pipe = flags.output === "-";
  if (pipe && (json || flags.checksum)) throw usageError("Cannot combine -o - with --json or --checksum");
  await using connection = await openConnection(flags, run);
  const { client } = connection;
  const selected = await select(client, await itemsIn(client, patterns, signal), run);
  const onlyPlan = flags.dryRun === true;
  const { checksum } = flags;
  const isAsked = ({ fileGlobs }: SelectedItem): boolean =>
    onlyPlan || pipe || checksum !== undefined || fileGlobs !== undefined;
  const narrowed = selected.filter(isAsked);
  const chosen = await chooseFiles(client, narrowed, signal);
  const dryOptions = { json, transfer, record: flags.record };
  if (pipe) {
    const one = onlyFile(chosen);
    if (onlyPlan) return await dryRun(client, chosen, "stdout", dryOptions, run);
    return await toStdout(connection, one, transfer, run);
  }

  const items = selected.filter((item) => chosen.has(item) || !narrowed.includes(item));
  const directories = directoriesFor(items, flags.output);
  if (onlyPlan) return await dryRun(client, chosen, directories, dryOptions, run);
  const sums = checksum === undefined ? undefined : await ChecksumFile.open(checksum, pathsOf(chosen, directories));
  const onArrived = async (reports: readonly DownloadReport[]): Promise<void> => sums?.write(reports, signal);
  return await getItems(connection, { directories, transfer, record: flags.record, json, onArrived }, run);
}

async function select(client: CarrelClient, targets: readonly Target[], run: Run): Promise<readonly SelectedItem[]> {
  const count = new Count("item");
  using _ = showStatus(run.screen, () => count.text);
  return await selectItems(client, targets, { signal: run.signal, count, warn: (message) => run.warn(message) });
}

/** A library alone is read too: what to write instead depends on what is in it. */
function readTarget(text: string): Target | PathPattern {
  const { library, item } = parsePattern(text);
  return library !== undefined && item === undefined ? { library } : parseTarget(text);
}

/** @throws {@link CliError} exit code 2: one of them is a library. */
async function itemsIn(
  client: CarrelClient,
  patterns: readonly (Target | PathPattern)[],
  signal: AbortSignal,
): Promise<readonly Target[]> {
  for (const { library: wanted = "", item } of patterns) {
    if (item !== undefined) continue;
    const [library, ...others] = await selectLibraries(client, wanted, signal);
    if (library === undefined) continue;
    const ids = await client.item.list({ library_id: library.id }, { signal });
    const is = others.length > 0 ? "means several libraries" : `is a library with ${formatCount(ids.length, "item")}`;
    throw usageError(
      `"${printable(wanted)}" ${is}, not an item`,
      `All of it: carrel get '${printable(pathOf([wanted]))}/*'`,
      `To keep a directory up to date with it: carrel mirror '${printable(pathOf([wanted]))}' DIR`,
    );
  }
  return patterns.filter((pattern): pattern is Target => pattern.item !== undefined);
}

function pathsOf(chosen: ChosenFiles, directories: ReadonlyMap<SelectedItem, string>): readonly string[] {
  return [...directories].flatMap(([item, directory]) => {
    const names = (chosen.get(item) ?? []).map(({ name }) => name);
    // No file is written under another name.
    return names.filter((name) => nameProblem(name) === undefined).map((name) => join(directory, name));
  });
}

/** A single item that was named goes directly into `--output`; several, or what a glob found, into a directory each below it. */
function directoriesFor(items: readonly SelectedItem[], output: string | undefined): ReadonlyMap<SelectedItem, string> {
  const [first] = items;
  const single = items.length === 1 && first?.byGlob === false;
  const directories = new Map<SelectedItem, string>();
  const byDirectory = new Map<string, SelectedItem>();
  for (const item of items) {
    const directory = single ? (output ?? item.directoryName) : join(output ?? ".", item.directoryName);
    const other = byDirectory.get(nameKey(directory));
    if (other) throw sharedDirectory(other, item, directory);
    byDirectory.set(nameKey(directory), item);
    directories.set(item, directory);
  }
  return directories;
}

function sharedDirectory(one: SelectedItem, other: SelectedItem, directory: string): Error {
  const described = [one, other].map(({ name, id }) => `"${printable(name)}" (${id})`);
  return usageError(
    `The items ${described.join(" and ")} would share one directory: ${printable(directory)}`,
    "Download them one by one, each with its own -o DIR: carrel get LIBRARY/ID -o DIR",
  );
}
