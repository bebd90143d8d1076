import { fetchManifest, readManifest } from "./bring-manifest.ts";
import { downloadFile } from "./download-file.ts";
import type { FileReport } from "./download-report.ts";
import type { FileContext } from "./file-context.ts";
import { FileLocks } from "./file-locks.ts";
import { inTurn } from "./in-turn.ts";
import type { Work } from "./in-turn.ts";
import type { SourceFile } from "./item-source.ts";
import { removeRecord } from "./resume-record.ts";
import { inOrder } from "./select-files.ts";
import { workFiles } from "./work-files.ts";

/** Files that have their bytes and wait for the disk or the server, besides those that are transferred. */
const mostFinishing = 16;

/** Downloads files into a folder, some at once, under a lock for each. The reports come in the order of the files. */
export async function downloadFiles(
  context: FileContext,
  files: readonly SourceFile[],
): Promise<readonly FileReport[]> {
  const reports = new Map<string, FileReport>();
  const work: Work[] = [];
  const { manifest } = context;
  if (manifest.name !== undefined && !files.some(({ name }) => name === manifest.name)) {
    const { name } = manifest;
    work.push((signal) => forManifest(context, () => fetchManifest({ ...context, signal }, name)));
  }
  await using locks = await FileLocks.acquire(context, files);
  for (const file of inOrder(files)) {
    work.push(async (signal) => {
      const download = async (): Promise<void> => {
        reports.set(file.name, await downloadFile({ ...context, signal }, file, locks.of(file.name)));
      };
      if (file.name !== manifest.name) return download();
      await forManifest(context, async () => {
        await download();
        await readManifest(context, workFiles(context.folder, file.name).final);
      });
    });
  }
  await inTurn(work, { limit: context.concurrency.files + mostFinishing, signal: context.signal });
  // Only now: a download that is killed before knows by the records which files are whole already.
  await Promise.all(files.map(({ name }) => removeRecord(workFiles(context.folder, name).record)));
  return files.flatMap(({ name }) => reports.get(name) ?? []);
}

/** Those who wait for the manifest must hear of its failure. */
async function forManifest({ manifest }: FileContext, bring: () => Promise<void>): Promise<void> {
  try {
    await bring();
  } catch (error) {
    manifest.failed(error);
    throw error;
  }
}
