import type { DownloadEvent } from "@carrel/core";
import { downloadItem } from "@carrel/node-stream";
import type { DownloadItemOptions, DownloadReport } from "@carrel/node-stream";
import type { Connection } from "../connect.ts";
import { createDownloadDisplay } from "../output/download-display.ts";
import type { Run } from "../run-command.ts";
import { matchingFiles } from "./matching-files.ts";
import type { SelectedItem } from "./select-items.ts";

/** How one item is downloaded. */
export interface DownloadOneOptions {
  readonly folder: string;
  readonly transfer: DownloadItemOptions;
  /** Gets the events in place of the display on the terminal. */
  readonly onEvent?: ((event: DownloadEvent) => void) | undefined;
}

/** Downloads an item and shows how it goes. What `carrel get` and `carrel demo` have in common. */
export async function downloadOne(
  { client, tls }: Connection,
  item: SelectedItem,
  { folder, transfer, onEvent }: DownloadOneOptions,
  { screen, signal }: Run,
): Promise<DownloadReport> {
  // Looked at before there is a session.
  if (item.fileGlob !== undefined) await matchingFiles(client, item, signal);
  const include = item.fileGlob === undefined ? {} : { include: [item.fileGlob] };

  using display = onEvent === undefined ? createDownloadDisplay(screen, signal) : undefined;
  await using task = downloadItem(client, item.id, folder, { ...tls, ...transfer, ...include, signal });
  const show = onEvent ?? ((event) => display?.event(event));
  for await (const event of task) show(event);
  return await task.report;
}
