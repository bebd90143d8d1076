import { resolve } from "node:path";
import { defined } from "@carrel/core/kit";
import { DiskSink } from "@carrel/node-stream";
import { freeBytesAt } from "@carrel/node-stream/fs";
import { findUnchanged } from "@carrel/node-stream/task";
import type { OpenStore } from "../../connection/open-store.ts";
import { remoteItem } from "../../connection/item-server.ts";
import type { ItemServer } from "../../connection/item-server.ts";
import { mostUngrouped } from "../../output/download-display.ts";
import { formatBytes, formatCount } from "../../output/format.ts";
import { describeFree, describeNeed } from "../../output/space-line.ts";
import { isStore, joinPlace, resolvePlace } from "../../output/place-path.ts";
import { alreadyThere, describeThere } from "./already-there.ts";
import { sinceWords } from "../../output/verdict.ts";
import { printable } from "../../output/printable.ts";
import type { Run } from "../../run/run-command.ts";
import type { DownloadSettings } from "../../settings/transfer-settings.ts";
import type { ChosenFiles } from "../../names/choose-files.ts";
import { namesOf } from "./get-lines.ts";
import type { SelectedItem } from "../../names/select-items.ts";

interface DryRunOptions {
  readonly json: boolean;
  readonly transfer: DownloadSettings;
  /** Whether files are skipped by a record. */
  readonly record: boolean;
  /** Where the directories are prefixes of an object store. */
  readonly store?: OpenStore | undefined;
}

/** Lists what would be downloaded, to which path or to standard output, and what exists there. Files of a record are read. */
export async function dryRun(
  server: ItemServer,
  chosen: ChosenFiles,
  directories: ReadonlyMap<SelectedItem, string> | "stdout",
  options: DryRunOptions,
  { screen, signal }: Run,
): Promise<void> {
  const { json, transfer } = options;
  const { origin } = server.client;
  const need = { neededBytes: 0, thereBytes: 0, unknownFiles: 0 };
  // Long paths, most of them alike, hide what differs. Elsewhere each line is complete.
  const isGrouped = screen.stdout.isTTY && [...chosen.values()].flat().length > mostUngrouped;
  for (const [item, files] of chosen) {
    const { id: itemId } = item;
    let asked: Promise<string | undefined> | undefined;
    const from = remoteItem(server, itemId);
    const versionOf = (): Promise<string | undefined> => from.contentVersion(signal);
    const contentVersion = async (): Promise<string | undefined> => {
      // Otherwise no partial file is resumed.
      return transfer.existing === "resume" || transfer.existing === "skip" ? (asked ??= versionOf()) : undefined;
    };
    const written = directories === "stdout" ? undefined : (directories.get(item) ?? item.directoryName);
    const directory = written === undefined ? undefined : resolvePlace(written);
    const sink = directory === undefined ? undefined : (options.store?.sinkAt(directory) ?? new DiskSink(directory));
    await using place = await sink?.open({ origin, itemId });
    const recorded = sink !== undefined && options.record && transfer.existing === "resume";
    const search = {
      item: from,
      options: { ...transfer, ...defined({ include: item.fileGlobs }) },
      signal,
    };
    const unchanged = recorded ? await findUnchanged(sink, search) : undefined;
    const sinceOf = new Map(unchanged?.files.map((found) => [found.name, found.unchangedSince]));
    if (isGrouped && directory !== undefined && !json) screen.print(printable(`${directory}:`));
    for (const { name: file, size: sizeBytes, cached } of files) {
      const path = written === undefined ? "-" : joinPlace(written, file);
      const wanted = { path, file, contentVersion, sizeBytes: cached ? sizeBytes : undefined };
      const there = place === undefined ? {} : await alreadyThere(place, wanted);
      const isThere =
        there.existingBytes !== undefined && transfer.existing !== "overwrite" && there.sameSize !== false;
      if (isThere) need.thereBytes += there.existingBytes ?? 0;
      else if (!cached) need.unknownFiles += 1;
      else need.neededBytes += Math.max(0, sizeBytes - (there.partBytes ?? 0));
      if (!isThere) need.thereBytes += there.resumeAtByte ?? 0;
      if (json) {
        const where = { ...namesOf(item), file, path: path === "-" ? path : resolvePlace(path) };
        const since = defined({ unchangedSince: sinceOf.get(file) });
        screen.printJson({ type: "planned", ...where, sizeBytes, cached, ...there, ...since });
        continue;
      }
      const since = sinceOf.get(file);
      const isLeft = transfer.existing === "skip" && there.existingBytes !== undefined;
      const thereWords = describeThere(there) + (isLeft ? ": left alone, not verified" : "");
      const words = since === undefined ? thereWords : `${sinceWords(since)}: not downloaded again`;
      const where = directories === "stdout" ? `${file}, to standard output` : isGrouped ? file : path;
      const size = (cached ? formatBytes(sizeBytes) : "not cached").padStart(10);
      screen.print(printable(`${size}  ${where}${words && `  (${words})`}`));
    }
  }
  if (json) return;
  const [first] = directories === "stdout" ? [] : directories.values();
  if (first !== undefined) {
    // A store does not say how much it can hold.
    const room = isStore(first) ? "" : `, ${describeFree(await freeBytesAt(resolve(first)))}`;
    screen.printSentence(`${describeNeed(need)}${room}.`);
  }
  const files = [...chosen.values()].flat();
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  const ofItems = chosen.size > 1 ? ` of ${formatCount(chosen.size, "item")}` : "";
  const what = `${formatCount(files.length, "file")}${ofItems}, ${formatBytes(bytes)} on the server's storage`;
  screen.printSentence(`${what}. Nothing was downloaded.`);
}
