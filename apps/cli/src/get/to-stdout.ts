import { pipeline } from "node:stream/promises";
import type { Writable } from "node:stream";
import { openFile } from "@carrel/node-stream";
import { usageError } from "../cli-error.ts";
import type { Connection } from "../connect.ts";
import { verifiedWords } from "../output/file-line.ts";
import { formatBytes } from "../output/format.ts";
import { printable } from "../output/printable.ts";
import type { Run } from "../run-command.ts";
import { matchingFiles } from "./matching-files.ts";
import type { SelectedItem } from "./select-items.ts";
import type { TransferSettings } from "./transfer-settings.ts";

/**
 * Writes one file to standard output. What is written is verified only at the end, as with any pipe: the exit code tells.
 */
export async function toStdout(
  { client, tls }: Connection,
  items: readonly SelectedItem[],
  transfer: TransferSettings,
  { screen, signal }: Run,
): Promise<void> {
  const [item] = items;
  if (item === undefined || items.length > 1) throw oneFileOnly(`${items.length} items match.`);
  const files = await matchingFiles(client, item, signal);
  const [file] = files;
  if (file === undefined || files.length > 1) {
    throw oneFileOnly(`${files.length} files match: ${files.map(({ name }) => printable(name)).join(", ")}`);
  }
  await using lease = await client.lease(item.id, { signal });
  const { stallTimeoutMs, maxBytesPerSecond, connectionsPerFile } = transfer;
  const stream = await openFile(lease, file.name, {
    ...tls,
    ...(stallTimeoutMs !== undefined && { stallTimeoutMs }),
    ...(maxBytesPerSecond !== undefined && { maxBytesPerSecond }),
    ...(connectionsPerFile !== undefined && { connectionsPerFile }),
    session: client,
    signal,
  });
  using bars = screen.showBars(() => [
    {
      label: printable(file.name),
      receivedBytes: stream.receivedBytes,
      totalBytes: stream.totalBytes,
      bytesPerSecond: 0,
    },
  ]);
  signal.addEventListener("abort", () => bars[Symbol.dispose](), { once: true });
  await pipeline(stream, screen.stdout as Writable, { end: false, signal });
  bars[Symbol.dispose]();
  const by = stream.facts?.verifiedBy ?? "nothing";
  screen.note(`${printable(file.name)}: ${formatBytes(stream.facts?.sizeBytes ?? 0)}, ${verifiedWords[by]}`);
}

function oneFileOnly(why: string): Error {
  return usageError("Only one file can go to standard output.", why, "Name it: LIBRARY/ITEM/FILE");
}
