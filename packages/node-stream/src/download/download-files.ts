import { FileLock } from "../files/file-lock.ts";
import { onDisk } from "../files/fs-error.ts";
import { fetchManifest, readManifest } from "./bring-manifest.ts";
import { downloadFile } from "./download-file.ts";
import type { FileReport } from "./download-report.ts";
import { assertAbsent } from "./existing-file.ts";
import type { FileContext } from "./file-context.ts";
import { inTurn } from "./in-turn.ts";
import type { SourceFile } from "./item-source.ts";
import { removeRecord } from "./resume-record.ts";
import { inOrder } from "./select-files.ts";
import { workFiles } from "./work-files.ts";

type Work = (signal: AbortSignal) => Promise<void>;

/** Downloads files into a folder, some at once, under a lock for each. The reports come in the order of the files. */
export async function downloadFiles(
  context: FileContext,
  files: readonly SourceFile[],
): Promise<readonly FileReport[]> {
  const locks: FileLock[] = [];
  const reports = new Map<string, FileReport>();
  const work: Work[] = [];
  const { manifest } = context;
  if (manifest.name !== undefined && !files.some(({ name }) => name === manifest.name)) {
    const { name } = manifest;
    work.push((signal) => forManifest(context, () => fetchManifest({ ...context, signal }, name)));
  }
  try {
    for (const file of inOrder(files)) {
      const lock = await lockFile(context, file.name);
      locks.push(lock);
      work.push(async (signal) => {
        const download = async (): Promise<void> => {
          reports.set(file.name, await downloadFile({ ...context, signal }, file, lock));
        };
        if (file.name !== manifest.name) return download();
        await forManifest(context, async () => {
          await download();
          await readManifest(context, workFiles(context.folder, file.name).final);
        });
      });
    }
    await inTurn(work, { limit: context.options.concurrency ?? 2, signal: context.signal });
    // Only now: a download that is killed before knows by the records which files are whole already.
    for (const { name } of files) await removeRecord(workFiles(context.folder, name).record);
    return files.flatMap(({ name }) => reports.get(name) ?? []);
  } finally {
    await Promise.all(locks.map((lock) => lock[Symbol.asyncDispose]()));
  }
}

async function lockFile({ folder, options, signal }: FileContext, name: string): Promise<FileLock> {
  signal.throwIfAborted();
  const paths = workFiles(folder, name);
  const lock = await onDisk("lock", paths.lock, () => FileLock.acquire(paths.lock, name));
  try {
    if (options.existing === "error") await assertAbsent(paths.final);
    return lock;
  } catch (error) {
    await lock[Symbol.asyncDispose]();
    throw error;
  }
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
