import { defined } from "@carrel/core/kit";
import { directoryNameFor } from "@carrel/mirror";
import type { Catalog, FoundItem } from "./catalog.ts";
import type { ItemPattern } from "./parse-target.ts";
import type { Resolved } from "./resolve-name.ts";

/** An item to download. */
export interface SelectedItem extends Resolved {
  /** Bytes that it uses on the server's storage, where that is known already. */
  readonly sizeBytes?: number;
  readonly library: Resolved;
  /** Name of its directory. */
  readonly directoryName: string;
  /** Only files that match one of these; all files where absent. */
  readonly fileGlobs: readonly string[] | undefined;
  /** Whether a glob found it, so that there may be others. */
  readonly byGlob: boolean;
}

/** Finds the items that paths mean, each once, at the cost of {@link Catalog.items}. */
export async function selectItems(catalog: Catalog, paths: readonly ItemPattern[]): Promise<readonly SelectedItem[]> {
  const selected = new Map<string, SelectedItem>();
  for (const path of paths) {
    for await (const found of catalog.items(path, { asSpelled: true })) {
      selected.set(found.id, joined(selected.get(found.id), toDownload(found, path)));
    }
  }
  return [...selected.values()];
}

function toDownload({ id, name, library, byGlob, read }: FoundItem, { file }: ItemPattern): SelectedItem {
  const fileGlobs = file === undefined ? undefined : [file];
  const sizeBytes = read?.item.size;
  return {
    id,
    name,
    library,
    byGlob,
    directoryName: directoryNameFor({ id, name }),
    fileGlobs,
    ...defined({ sizeBytes }),
  };
}

/** Combines what several targets select of one item. */
function joined(before: SelectedItem | undefined, now: SelectedItem): SelectedItem {
  if (before === undefined) return now;
  const fileGlobs = before.fileGlobs && now.fileGlobs && [...before.fileGlobs, ...now.fileGlobs];
  return { ...before, fileGlobs, byGlob: before.byGlob || now.byGlob };
}
