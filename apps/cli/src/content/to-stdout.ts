import { defined } from "@carrel/core/kit";
import type { TransferResume } from "@carrel/node-stream";
import { noteText } from "@carrel/node-stream/fs";
import { openFileFrom } from "@carrel/node-stream/source";
import { remoteItem } from "../connection/item-server.ts";
import type { ItemServer } from "../connection/item-server.ts";
import { synchronizingText } from "../output/download-display.ts";
import { verifiedWords } from "../output/verdict.ts";
import { formatBytes } from "../output/format.ts";
import type { Outages } from "../output/outages.ts";
import { printable } from "../output/printable.ts";
import type { Run } from "../run/run-command.ts";
import type { OnlyFile } from "../names/choose-files.ts";
import type { DownloadSettings } from "../settings/transfer-settings.ts";
import { writeContent } from "./write-content.ts";

/** How a file is written to standard output. */
export interface StdoutOptions {
  readonly transfer: DownloadSettings;
  /** Reports outages. */
  readonly outages: Outages;
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
  { transfer, outages, isForced = false }: StdoutOptions,
  run: Run,
): Promise<void> {
  const { pool } = server;
  const { itemId, itemName, fileName: name, path } = file;
  await syncFirst(server, file, transfer, run);
  const item = remoteItem(server, itemId);
  const onResume = ({ cause, ...rest }: TransferResume): void => {
    outages.event(itemName, { type: "resumed", file: name, cause: cause.toJSON(), ...rest });
  };
  const stream = await openFileFrom(item, name, { ...transfer, pool, signal: run.signal, onResume });
  const received = (): typeof stream => stream;
  outages.kept = received;
  const onBytes = (): void => {
    const { receivedBytes } = stream;
    outages.event(itemName, { type: "transferring", file: name, receivedBytes, bytesPerSecond: 0 });
  };
  await writeContent({ name, path, stream, received, onBytes }, { isForced }, run);
  const { verifiedBy = "nothing", sizeBytes = 0, doubts = [] } = stream.facts ?? {};
  for (const doubt of doubts) run.warn(noteText(doubt));
  const text = `${printable(name)}: ${formatBytes(sizeBytes)}, ${verifiedWords[verifiedBy]}`;
  run.summarize(text);
  run.screen.remark(text);
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
