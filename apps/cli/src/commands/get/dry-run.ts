import { join } from "node:path";
import type { CarrelClient } from "@carrel/core";
import { formatBytes, formatCount } from "../../output/format.ts";
import { printable } from "../../output/printable.ts";
import type { Run } from "../../run/run-command.ts";
import { alreadyThere, describeThere } from "./already-there.ts";
import type { ChosenFiles } from "./choose-files.ts";
import type { SelectedItem } from "./select-items.ts";
import type { TransferSettings } from "../../settings/transfer-settings.ts";

interface DryRunOptions {
  readonly json: boolean;
  /** What is to become of files that are there. */
  readonly existing: TransferSettings["existing"];
}

/** Says what would be downloaded where to, into the folders of the items or to standard output, and what is there already. */
export async function dryRun(
  client: CarrelClient,
  chosen: ChosenFiles,
  folders: ReadonlyMap<SelectedItem, string> | "stdout",
  options: DryRunOptions,
  { screen, signal }: Run,
): Promise<void> {
  const { json } = options;
  for (const [item, files] of chosen) {
    const { id: itemId, name } = item;
    let asked: Promise<string | undefined> | undefined;
    const versionOf = async (): Promise<string | undefined> =>
      (await client.item.get(itemId, { signal })).content_version;
    const contentVersion = async (): Promise<string | undefined> => {
      // Otherwise what is unfinished is begun anew.
      return options.existing === "resume" ? (asked ??= versionOf()) : undefined;
    };
    for (const { name: file, size: storageBytes, cached } of files) {
      const path = folders === "stdout" ? "-" : join(folders.get(item) ?? item.folderName, file);
      const wanted = { path, file, itemId, origin: client.origin, contentVersion };
      const there =
        folders === "stdout" ? {} : await alreadyThere({ ...wanted, storageBytes: cached ? storageBytes : undefined });
      if (json) {
        const planned = { type: "planned", item: name, itemId, file, storageBytes, cached, path };
        screen.printJson({ ...planned, ...there });
        continue;
      }
      const words = describeThere(there);
      const where = folders === "stdout" ? `${file}, to standard output` : path;
      const size = (cached ? formatBytes(storageBytes) : "not cached").padStart(10);
      screen.print(printable(`${size}  ${where}${words && `  (${words})`}`));
    }
  }
  if (json) return;
  const files = [...chosen.values()].flat();
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  const ofItems = chosen.size > 1 ? ` of ${formatCount(chosen.size, "item")}` : "";
  const what = `${formatCount(files.length, "file")}${ofItems}, ${formatBytes(bytes)} on the server's storage`;
  screen.print(`${what}. Nothing was downloaded.`);
}
