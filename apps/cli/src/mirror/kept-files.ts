import { join } from "node:path";
import { ServerError } from "@carrel/core";
import type { CarrelClient, ItemFileInfo } from "@carrel/core";
import type { Digest } from "@carrel/node-stream";
import { digestAlgorithm, nameProblem } from "@carrel/node-stream/internal";
import { CliError } from "../cli-error.ts";
import { exitCodes } from "../exit-code.ts";
import { printable } from "../output/printable.ts";
import { hasDigest, lookAt, sizeOf } from "./local-files.ts";
import type { Mirror } from "./mirror.ts";
import type { MirroredFile } from "./mirrored-item.ts";
import type { MirrorStep } from "./plan-mirror.ts";

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
  if (before?.id === item.id && before.contentVersion === item.contentVersion) {
    const kept = before.files.filter(({ name, gone }) => !gone && !missing.includes(name));
    return { kept, fetch: missing };
  }
  const path = join(mirror.root, folder);
  if (!(await isFolder(path))) return { kept: [], fetch: undefined };
  // What a run that was killed left is not known to be what the manifest says.
  const known = new Map(before?.contentVersion === null ? [] : before?.files.map((file) => [file.name, file]));
  const kept: MirroredFile[] = [];
  const fetch: string[] = [];
  for (const info of await filesOnServer(mirror.connection.client, item.id, mirror.signal)) {
    const file = await keptFile(path, info, known.get(info.name), mirror.signal);
    if (file === undefined) fetch.push(info.name);
    else kept.push(file);
  }
  return { kept, fetch: kept.length > 0 ? fetch : undefined };
}

async function keptFile(
  folder: string,
  info: ItemFileInfo,
  known: MirroredFile | undefined,
  signal: AbortSignal,
): Promise<MirroredFile | undefined> {
  const { name } = info;
  const digest = checksumOf(info);
  if (digest === undefined || nameProblem(name) !== undefined) return undefined;
  const path = join(folder, name);
  const sizeBytes = await sizeOf(path);
  if (sizeBytes === undefined) return undefined;
  if (known?.sizeBytes === sizeBytes && known.digest.algorithm === digest.algorithm) {
    return known.digest.hex === digest.hex ? { ...known, gone: false } : undefined;
  }
  return (await hasDigest(path, digest, signal)) ? { name, sizeBytes, by: "checksum", digest } : undefined;
}

function checksumOf({ checksum_info: info }: ItemFileInfo): Digest | undefined {
  const algorithm = info && digestAlgorithm(info.algorithm);
  return algorithm && { algorithm, hex: info.checksum.toLowerCase() };
}

/** None where the server does not tell them, so that all are downloaded. */
async function filesOnServer(client: CarrelClient, id: string, signal: AbortSignal): Promise<readonly ItemFileInfo[]> {
  try {
    return await client.item.file.list(id, { signal });
  } catch (error) {
    if (error instanceof ServerError && !["NOT_FOUND", "AUTH", "BUSY"].includes(error.code)) return [];
    throw error;
  }
}

async function isFolder(path: string): Promise<boolean> {
  const stats = await lookAt(path);
  if (stats === undefined || stats.isDirectory()) return stats !== undefined;
  throw new CliError(`There is something that is no folder where its folder belongs: ${printable(path)}`, {
    exitCode: exitCodes.failed,
    hints: ["Move it away."],
  });
}
