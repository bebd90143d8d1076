import { CarrelError } from "@carrel/core";
import { defined } from "@carrel/core/kit";
import type { SavedFile } from "../sink/directory-record.ts";
import type { SourceFile } from "@carrel/core/transfer";
import type { ItemState } from "./item-state.ts";
import type { FileReport } from "./report.ts";

/**
 * Records the files that arrived, and those that were there and are not recorded yet. Returns why that failed: the files are
 * whole without a record too.
 */
export async function recordArrived(
  item: ItemState,
  files: readonly SourceFile[],
  reports: readonly FileReport[],
): Promise<CarrelError | undefined> {
  const { options, signal, sink } = item;
  const { record } = options;
  if (record === undefined) return undefined;
  const verifiedAt = new Date().toISOString();
  const versions = new Map(files.map(({ name, contentVersion }) => [name, contentVersion]));
  const saved: SavedFile[] = [];
  for (const { name, sizeBytes, digest, verifiedBy, unchangedSince } of reports) {
    const contentVersion = versions.get(name);
    if (contentVersion === undefined || unchangedSince !== undefined) continue;
    // Also of a file that has the server's checksum: what the manifests say of it is not compared again without them.
    const doubted = (await item.manifest.doubtsOf(name)).length > 0 ? (true as const) : undefined;
    saved.push({ name, contentVersion, sizeBytes, digest, verifiedBy, ...defined({ doubted }), verifiedAt });
  }
  if (saved.length === 0) return undefined;
  const { item: name, library } = record;
  try {
    await sink.saveFiles({ ...defined({ name, library }), files: saved }, signal);
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof CarrelError)) throw error;
    return error;
  }
}
