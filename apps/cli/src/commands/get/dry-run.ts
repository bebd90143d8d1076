import { dirname, join, resolve } from "node:path";
import { defined } from "@carrel/core/kit";
import { DiskSink } from "@carrel/node-stream";
import { freeBytesAt, statOf, statPartial } from "@carrel/node-stream/fs";
import { findUnchanged } from "@carrel/node-stream/task";
import type { FileKind } from "@carrel/node-stream/fs";
import { remoteItem } from "../../connection/item-server.ts";
import type { ItemServer } from "../../connection/item-server.ts";
import { mostUngrouped } from "../../output/download-display.ts";
import { formatBytes, formatCount } from "../../output/format.ts";
import { describeSpace } from "../../output/space-line.ts";
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
    const directory = directories === "stdout" ? undefined : resolve(directories.get(item) ?? item.directoryName);
    const recorded = directory !== undefined && options.record && transfer.existing === "resume";
    const search = {
      item: from,
      options: { ...transfer, ...defined({ include: item.fileGlobs }) },
      signal,
    };
    const unchanged = recorded ? await findUnchanged(new DiskSink(directory), search) : undefined;
    const sinceOf = new Map(unchanged?.files.map((found) => [found.name, found.unchangedSince]));
    if (isGrouped && directory !== undefined && !json) screen.print(printable(`${directory}:`));
    for (const { name: file, size: sizeBytes, cached } of files) {
      const path = directories === "stdout" ? "-" : join(directories.get(item) ?? item.directoryName, file);
      const wanted = { path, file, itemId, origin, contentVersion };
      const there =
        directories === "stdout" ? {} : await alreadyThere({ ...wanted, sizeBytes: cached ? sizeBytes : undefined });
      const isThere =
        there.existingBytes !== undefined && transfer.existing !== "overwrite" && there.sameSize !== false;
      if (isThere) need.thereBytes += there.existingBytes ?? 0;
      else if (!cached) need.unknownFiles += 1;
      else need.neededBytes += Math.max(0, sizeBytes - (there.partBytes ?? 0));
      if (!isThere) need.thereBytes += there.resumeAtByte ?? 0;
      if (json) {
        const where = { ...namesOf(item), file, path: path === "-" ? path : resolve(path) };
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
  const space =
    first === undefined ? undefined : { ...need, ...defined({ freeBytes: await freeBytesAt(resolve(first)) }) };
  if (space !== undefined) screen.printSentence(`${describeSpace(space)}.`);
  const files = [...chosen.values()].flat();
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  const ofItems = chosen.size > 1 ? ` of ${formatCount(chosen.size, "item")}` : "";
  const what = `${formatCount(files.length, "file")}${ofItems}, ${formatBytes(bytes)} on the server's storage`;
  screen.printSentence(`${what}. Nothing was downloaded.`);
}

/** What exists of a file that is to be downloaded, by its names and sizes. */
interface AlreadyThere {
  /** Size of the file of that name. */
  readonly existingBytes?: number;
  /** Whether that is the size on the server's storage, where it is known. Disks may use less there than their length. */
  readonly sameSize?: boolean;
  /** What has the file's name and is not a file. */
  readonly obstacle?: FileKind;
  /** Size of the partial file that an earlier run left. */
  readonly partBytes?: number;
  /** The byte at which a download would resume. */
  readonly resumeAtByte?: number;
}

/** A file that is to be downloaded. */
interface WantedFile {
  readonly path: string;
  readonly file: string;
  readonly itemId: string;
  readonly origin: string;
  /** Bytes that the file uses on the server's storage, where its content is there. */
  readonly sizeBytes: number | undefined;
  /** Called only where there is a partial file. */
  readonly contentVersion: () => Promise<string | undefined>;
}

/** Returns what already exists of a file, and where a download would resume. */
async function alreadyThere(wanted: WantedFile): Promise<AlreadyThere> {
  const { path, file, itemId, origin, sizeBytes, contentVersion } = wanted;
  const [whole, part] = await Promise.all([
    seenAt(path),
    statPartial(dirname(path), { origin, itemId, file }, contentVersion),
  ]);
  const obstacle = whole?.kind === "file" ? undefined : whole?.kind;
  const existingBytes = obstacle === undefined ? whole?.sizeBytes : undefined;
  const sameSize = existingBytes === undefined || sizeBytes === undefined ? undefined : existingBytes === sizeBytes;
  return defined({ obstacle, existingBytes, sameSize, partBytes: part?.partBytes, resumeAtByte: part?.resumeAtByte });
}

/** Describes it, for example `exists (2.0 KiB, size differs)`; empty where nothing exists. */
function describeThere({ existingBytes, sameSize, obstacle, partBytes, resumeAtByte }: AlreadyThere): string {
  const words: string[] = [];
  if (obstacle !== undefined) words.push(`a ${obstacle} of that name exists`);
  if (existingBytes !== undefined) {
    const size = sameSize === undefined ? "" : sameSize ? ", same size" : ", size differs";
    words.push(`exists (${formatBytes(existingBytes)}${size})`);
  }
  if (partBytes !== undefined) {
    words.push(
      resumeAtByte
        ? `resumes at ${formatBytes(resumeAtByte)}`
        : `partial file of ${formatBytes(partBytes)} cannot be resumed`,
    );
  }
  return words.join("; ");
}

async function seenAt(path: string): Promise<Awaited<ReturnType<typeof statOf>>> {
  // A path that cannot be read is an error of the download that writes to it, not of this listing.
  return statOf(path).catch(() => undefined);
}
