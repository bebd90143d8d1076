import { defined } from "@carrel/core/kit";
import { noteText } from "@carrel/node-stream/fs";
import { openFileFrom } from "@carrel/node-stream/source";
import { remoteItem } from "../connection/item-server.ts";
import type { ItemServer } from "../connection/item-server.ts";
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
  server: ItemServer,
  file: OnlyFile,
  { transfer, isForced = false }: StdoutOptions,
  run: Run,
): Promise<void> {
  const { pool } = server;
  const { itemId, fileName: name, path } = file;
  await syncFirst(server, file, transfer, run);
  const item = remoteItem(server, itemId);
  const stream = await openFileFrom(item, name, { ...transfer, pool, signal: run.signal });
  const received = (): typeof stream => stream;
  await writeContent({ name, path, stream, received }, { isForced }, run);
  const { verifiedBy = "nothing", sizeBytes = 0, doubts = [] } = stream.facts ?? {};
  for (const doubt of doubts) run.warn(noteText(doubt));
  run.screen.remark(`${printable(name)}: ${formatBytes(sizeBytes)}, ${verifiedWords[verifiedBy]}`);
}

/** Has the vCenter fetch the content of an item first, where that is wanted. */
export async function syncFirst(
  server: ItemServer,
  { itemId, itemName }: OnlyFile,
  { sync = false, syncTimeoutMs: timeoutMs }: DownloadSettings,
  { screen, signal }: Run,
): Promise<void> {
  const onRequested = (): void => screen.remark(synchronizingText(itemName));
  if (sync) await remoteItem(server, itemId).synchronize({ signal, onRequested, ...defined({ timeoutMs }) });
}
