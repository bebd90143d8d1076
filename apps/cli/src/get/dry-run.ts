import { join } from "node:path";
import type { CarrelClient } from "@carrel/core";
import { formatBytes, formatCount } from "../output/format.ts";
import { printable } from "../output/printable.ts";
import type { Run } from "../run-command.ts";
import { matchingFiles } from "./matching-files.ts";
import type { SelectedItem } from "./select-items.ts";

/** Says what would be downloaded where to. Creates no session; costs one call for each item. */
export async function dryRun(
  client: CarrelClient,
  item: SelectedItem,
  options: { readonly folder: string; readonly json: boolean },
  { screen, signal }: Run,
): Promise<void> {
  const files = await matchingFiles(client, item, signal);
  if (options.json) {
    for (const { name, size, cached } of files) {
      const event = { type: "planned", item: item.name, itemId: item.id, file: name, storageBytes: size, cached };
      screen.print(JSON.stringify({ ...event, path: join(options.folder, name) }));
    }
    return;
  }
  for (const { name, size, cached } of files) {
    const shown = (cached ? formatBytes(size) : "not cached").padStart(10);
    screen.print(printable(`${shown}  ${join(options.folder, name)}`));
  }
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  const what = `${formatCount(files.length, "file")}, ${formatBytes(bytes)} on the server's storage`;
  screen.print(`"${printable(item.name)}": ${what}. Nothing was downloaded.`);
}
