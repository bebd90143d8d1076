import { join } from "node:path";
import type { ItemFileInfo } from "@carrel/core";
import { nameProblem, readChecksum } from "@carrel/node-stream/fs";
import type { MirrorStep } from "./compare-item.ts";
import { filesOnServer } from "./files-on-server.ts";
import { isItemFolder, notItsFile } from "./in-the-way.ts";
import { hasDigest, lookAt } from "./local-files.ts";
import type { Reading } from "./local-files.ts";
import type { Mirror } from "./mirror.ts";
import type { MirroredFile } from "./mirrored-item.ts";
import { isCurrent } from "./mirrored-item.ts";

/** Which files of an item need not be downloaded. */
export interface KeptFiles {
  readonly kept: readonly MirroredFile[];
  /** Names of those to download; all where it is undefined. */
  readonly fetch: readonly string[] | undefined;
}

/**
 * Finds the files of an item that are in place already: those of the same content version, or with the checksum that the
 * server tells, whoever put them there. Costs a call only where there is something to compare.
 */
export async function keptFiles(mirror: Mirror, { item, before, folder, missing }: MirrorStep): Promise<KeptFiles> {
  if (before !== undefined && isCurrent(before, item)) {
    const kept = before.files.filter(({ name, gone }) => !gone && !missing.includes(name));
    return { kept, fetch: missing };
  }
  const path = join(mirror.root, folder);
  if (!(await isItemFolder(path))) return { kept: [], fetch: undefined };
  // What a run that was killed left is not known to be what the manifest says; nor is what was changed here.
  const trusted = before?.contentVersion === null ? [] : (before?.files ?? []);
  const known = new Map(trusted.filter(({ name }) => !missing.includes(name)).map((file) => [file.name, file]));
  const kept: MirroredFile[] = [];
  const fetch: string[] = [];
  for (const info of (await filesOnServer(mirror.connection.client, item.id, mirror.signal)) ?? []) {
    const file = await keptFile(path, info, known.get(info.name), mirror);
    if (file === undefined) fetch.push(info.name);
    else kept.push(file);
  }
  return { kept, fetch: kept.length > 0 ? fetch : undefined };
}

async function keptFile(
  folder: string,
  info: ItemFileInfo,
  known: MirroredFile | undefined,
  reading: Reading,
): Promise<MirroredFile | undefined> {
  const { name } = info;
  if (nameProblem(name) !== undefined) return undefined;
  const path = join(folder, name);
  const stats = await lookAt(path);
  if (stats === undefined) return undefined;
  if (!stats.isFile()) throw notItsFile(path, stats);
  const digest = readChecksum(info.checksum_info);
  if (digest === undefined) return undefined;
  const sizeBytes = stats.size;
  if (known?.sizeBytes === sizeBytes && known.digest.algorithm === digest.algorithm) {
    return known.digest.hex === digest.hex ? { ...known, gone: false } : undefined;
  }
  return (await hasDigest(path, digest, reading)) ? { name, sizeBytes, verifiedBy: "checksum", digest } : undefined;
}
