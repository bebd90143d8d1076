import { defined } from "@carrel/core/kit";
import { openItemFile, syncItem } from "@carrel/node-stream";
import { noteText } from "@carrel/node-stream/fs";
import type { Connection } from "../connection/connect.ts";
import { synchronizingText } from "../output/download-display.ts";
import { verifiedWords } from "../output/verdict.ts";
import { formatBytes } from "../output/format.ts";
import { printable } from "../output/printable.ts";
import type { Run } from "../run/run-command.ts";
import type { OnlyFile } from "../names/choose-files.ts";
import type { DownloadSettings } from "../settings/transfer-settings.ts";
import { writeContent } from "./write-content.ts";

/** How a file is written to standard output. */
export interface StdoutOptions {
  readonly transfer: DownloadSettings;
  /** Writes to a terminal also what is not text. */
  readonly isForced?: boolean;
}

/**
 * Writes one file to standard output. It is verified at the end, in the same ways as a file on disk, when the reader of the
 * pipe already has the bytes: only the exit code says whether they are whole.
 */
export async function toStdout(
  connection: Connection,
  file: OnlyFile,
  { transfer, isForced = false }: StdoutOptions,
  run: Run,
): Promise<void> {
  const { client, pool } = connection;
  const { itemId, fileName: name, path } = file;
  await syncFirst(connection, file, transfer, run);
  const stream = await openItemFile(client, itemId, name, { ...transfer, pool, signal: run.signal });
  const received = (): typeof stream => stream;
  await writeContent({ name, path, stream, received }, { isForced }, run);
  const { verifiedBy = "nothing", sizeBytes = 0, doubts = [] } = stream.facts ?? {};
  for (const doubt of doubts) run.warn(noteText(doubt));
  run.screen.remark(`${printable(name)}: ${formatBytes(sizeBytes)}, ${verifiedWords[verifiedBy]}`);
}

/** Has the vCenter fetch the content of an item first, where that is wanted. */
export async function syncFirst(
  { client }: Connection,
  { itemId, itemName }: OnlyFile,
  { sync = false, syncTimeoutMs: timeoutMs }: DownloadSettings,
  { screen, signal }: Run,
): Promise<void> {
  const onRequested = (): void => screen.remark(synchronizingText(itemName));
  if (sync) await syncItem(client, itemId, { signal, onRequested, ...defined({ timeoutMs }) });
}
