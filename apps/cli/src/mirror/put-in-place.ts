import { join } from "node:path";
import type { FileReport } from "@carrel/node-stream";
import { durableRename, makeFolder, onDisk } from "@carrel/node-stream/fs";
import type { MirrorStep } from "./compare-item.ts";
import { isItemFolder, notItsFile, notMirrors } from "./in-the-way.ts";
import { hasDigest, lookAt } from "./local-files.ts";
import type { Mirror } from "./mirror.ts";
import type { MirroredFile, MirroredItem } from "./mirrored-item.ts";

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
  mirror: Mirror,
  { item, folder, before }: MirrorStep,
  { contentVersion, files, kept }: Arrived,
): Promise<MirroredItem> {
  const { root, lock, manifest } = mirror;
  const target = join(root, folder);
  if (!(await isItemFolder(target))) await makeFolder(target);
  const owned = new Set(before?.files.map(({ name }) => name));
  for (const file of files) await assertReplaceable(join(target, file.name), file, owned.has(file.name), mirror);

  const arrived = new Map(
    files.map(({ name, sizeBytes, verifiedBy, digest }) => [name, { name, sizeBytes, verifiedBy, digest }]),
  );
  const now = [...kept.filter(({ name }) => !arrived.has(name)), ...arrived.values()];
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
    await lock.assertHeld();
    await onDisk("rename", path, () => durableRename(path, join(target, file)));
  }
  await manifest.update((items) => items.set(id, record));
  return record;
}

async function assertReplaceable(
  path: string,
  { sizeBytes, digest }: FileReport,
  isOurs: boolean,
  mirror: Mirror,
): Promise<void> {
  const there = await lookAt(path);
  if (there === undefined) return;
  if (!there.isFile()) throw notItsFile(path, there);
  if (!isOurs && (there.size !== sizeBytes || !(await hasDigest(path, digest, mirror)))) throw notMirrors(path);
}
