import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { FileReport } from "@carrel/node-stream";
import { durableRename, onDisk } from "@carrel/node-stream/internal";
import { CliError } from "../cli-error.ts";
import { exitCodes } from "../exit-code.ts";
import { printable } from "../output/printable.ts";
import { hasDigest, lookAt } from "./local-files.ts";
import type { Mirror } from "./mirror.ts";
import type { MirroredFile, MirroredItem } from "./mirrored-item.ts";
import type { MirrorStep } from "./plan-mirror.ts";

/** An item that has arrived. */
export interface Arrived {
  readonly contentVersion: string;
  /** Whole files, in a folder of the same file system. */
  readonly files: readonly FileReport[];
  /** Files that are in place already. */
  readonly kept: readonly MirroredFile[];
}

/**
 * Moves the files of an item to where they belong, all or none: in place of those of the version before, and of no
 * others. The manifest knows of them before, so that what a killed run left is known to be mirror's.
 */
export async function putInPlace(
  { root, lock, manifest, signal }: Mirror,
  { item, folder, before }: MirrorStep,
  { contentVersion, files, kept }: Arrived,
): Promise<MirroredItem> {
  const target = join(root, folder);
  await onDisk("create", target, () => mkdir(target, { recursive: true }));
  const owned = new Set(before?.files.map(({ name }) => name));
  for (const file of files) await assertReplaceable(join(target, file.name), file, owned.has(file.name), signal);

  const now = [...kept, ...files.map(({ name, sizeBytes, by, digest }) => ({ name, sizeBytes, by, digest }))];
  const names = new Set(now.map(({ name }) => name));
  const left = (before?.files ?? []).filter(({ name }) => !names.has(name)).map((file) => ({ ...file, gone: true }));
  const { id, name } = item;
  const record: MirroredItem = { id, name, folder, contentVersion, files: [...now, ...left] };
  await lock.assertHeld();
  await manifest.update((items) => {
    if (before !== undefined) items.delete(before.id);
    items.set(id, { ...record, contentVersion: files.length > 0 ? null : contentVersion });
  });
  if (files.length === 0) return record;
  for (const { name: file, path } of files) {
    await onDisk("rename", path, () => durableRename(path, join(target, file)));
  }
  await manifest.update((items) => items.set(id, record));
  return record;
}

async function assertReplaceable(
  path: string,
  { sizeBytes, digest }: FileReport,
  isOurs: boolean,
  signal: AbortSignal,
): Promise<void> {
  const there = await lookAt(path);
  if (there === undefined) return;
  if (there.isFile() && isOurs) return;
  if (there.isFile() && there.size === sizeBytes && (await hasDigest(path, digest, signal))) return;
  throw new CliError(
    `There is a file ${printable(path)} that mirror did not put there, and it is not the one on the server.`,
    { exitCode: exitCodes.failed, hints: ["Move it away."] },
  );
}
