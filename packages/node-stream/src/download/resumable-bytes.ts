import { lstat } from "node:fs/promises";
import { isSameContent, readRecord } from "./resume-record.ts";
import type { ResumeRecord } from "./resume-record.ts";
import { workFiles } from "./work-files.ts";

/**
 * How many bytes of a file an earlier run left in a folder, that a download of that content would go on behind; 0 where it
 * would begin anew. They are not read: a download compares their digest first.
 */
export async function resumableBytes(
  folder: string,
  wanted: Pick<ResumeRecord, "origin" | "itemId" | "file" | "contentVersion">,
): Promise<number> {
  const paths = workFiles(folder, wanted.file);
  const record = await readRecord(paths.record);
  if (record === undefined || !isSameContent(record, wanted)) return 0;
  const part = await lstat(paths.part).catch(() => undefined);
  return part?.isFile() === true && part.nlink === 1 && part.size >= record.bytes ? record.bytes : 0;
}
