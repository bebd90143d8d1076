import type { DownloadEvent } from "@carrel/core";
import type { FileReport } from "@carrel/node-stream";
import { printable } from "./printable.ts";

/** What to say while the lock of a process that shows no sign of life is watched. */
export function waitingText({ file, holder, leftMs }: Extract<DownloadEvent, { type: "waiting" }>): string {
  const seconds = Math.ceil(leftMs / 1_000);
  return printable(`"${file}" is locked by ${holder}, which shows no sign of life: waiting up to ${seconds} s for one`);
}

/** What was downloaded into a directory. */
interface Downloaded {
  readonly directory: string;
  readonly files: readonly Pick<FileReport, "unflushed">[];
}

/** What to say where downloads cannot be flushed to the disk; `undefined` where they were. */
export function unflushedText(reports: readonly Downloaded[]): string | undefined {
  const directory = reports.find(({ files }) => files.some(({ unflushed }) => unflushed))?.directory;
  if (directory === undefined) return undefined;
  const where = printable(directory);
  return `The file system of ${where} cannot flush files to the disk: what was downloaded is whole, but a power cut may undo it`;
}
