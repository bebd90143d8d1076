import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { DownloadEvent } from "@carrel/core";
import { downloadItem } from "@carrel/node-stream";
import type { DownloadReport } from "@carrel/node-stream";
import { onDisk, systemCode } from "@carrel/node-stream/fs";
import { CliError } from "../process/cli-error.ts";
import { exitCodes } from "../process/exit-code.ts";
import type { MirrorStep } from "./compare-item.ts";
import { keptFiles } from "./kept-files.ts";
import type { KeptFiles } from "./kept-files.ts";
import { notIncoming } from "./in-the-way.ts";
import type { LibraryItem } from "./library-items.ts";
import { lookAt } from "./local-files.ts";
import type { Mirror } from "./mirror.ts";
import { incomingFolderFor, incomingName } from "./mirror-paths.ts";
import type { MirroredItem } from "./mirrored-item.ts";
import { putInPlace } from "./put-in-place.ts";

/** An item that was brought up to date. */
export interface BroughtItem {
  readonly record: MirroredItem;
  /** What was downloaded in this run, where anything was. */
  readonly report: DownloadReport | undefined;
}

/**
 * Brings an item up to date: what is missing is downloaded beside the mirror, where an interrupted run goes on, and takes
 * its place when all of it is whole.
 */
export async function bringItem(
  mirror: Mirror,
  step: MirrorStep,
  onEvent: (event: DownloadEvent) => void,
): Promise<BroughtItem> {
  const { root } = mirror;
  const incoming = join(root, incomingName, incomingFolderFor(step.item));
  const wanted = await keptFiles(mirror, step);
  const isComplete = wanted.fetch?.length === 0;
  if (!isComplete) await makeIncoming(mirror, incoming);
  const report = isComplete ? undefined : await download(mirror, step, incoming, wanted, onEvent);
  const contentVersion = report ? await versionOf(mirror, step.item, report, wanted) : step.item.contentVersion;
  const { kept } = wanted;
  const record = await putInPlace(mirror, step, { contentVersion, files: report?.files ?? [], kept });
  await mirror.lock.assertHeld();
  await onDisk("delete", incoming, () => rm(incoming, { recursive: true, force: true }));
  return { record, report };
}

/** Makes the folder in which an item arrives. One that is there must be a folder, and nobody else's. */
async function makeIncoming({ root, lock }: Mirror, path: string): Promise<void> {
  for (const folder of [join(root, incomingName), path]) {
    await lock.assertHeld();
    await onDisk("create directory", folder, () => mkdir(folder, 0o755).catch(ignoreExisting));
    const stats = await lookAt(folder);
    if (stats !== undefined && (!stats.isDirectory() || !lock.isOwn(stats))) throw notIncoming(folder, stats);
  }
}

function ignoreExisting(error: unknown): void {
  if (systemCode(error) !== "EEXIST") throw error;
}

async function download(
  { connection: { client, pool }, transfer, signal }: Mirror,
  { item }: MirrorStep,
  incoming: string,
  { fetch }: KeptFiles,
  onEvent: (event: DownloadEvent) => void,
): Promise<DownloadReport> {
  const include = fetch === undefined ? {} : { include: fetch };
  await using task = downloadItem(client, item.id, incoming, { ...transfer, ...include, pool, signal });
  for await (const event of task) onEvent(event);
  return await task.report;
}

/** The content version that arrived, which may be a later one than was planned. */
async function versionOf(
  { connection: { client }, signal }: Mirror,
  item: LibraryItem,
  { contentVersion: arrived }: DownloadReport,
  { fetch }: KeptFiles,
): Promise<string> {
  if (!arrived || arrived === item.contentVersion) return item.contentVersion;
  const { content_version: now } = await client.item.get(item.id, { signal });
  // Sessions count otherwise than items on this server.
  if (now === item.contentVersion) return item.contentVersion;
  if (fetch === undefined) return arrived;
  throw new CliError("The item changed on the server during the download", {
    exitCode: exitCodes.failed,
    hints: ["Run the same command again to download the new version."],
  });
}
