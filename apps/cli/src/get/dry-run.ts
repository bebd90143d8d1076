import { join } from "node:path";
import type { ItemFileInfo } from "@carrel/core";
import { formatBytes, formatCount } from "../output/format.ts";
import { printable } from "../output/printable.ts";
import type { Run } from "../run-command.ts";
import type { ChosenFiles } from "./choose-files.ts";
import type { SelectedItem } from "./select-items.ts";

/** Says what would be downloaded where to: into the folders of the items, or to standard output. */
export function dryRun(
  chosen: ChosenFiles,
  folders: ReadonlyMap<SelectedItem, string> | "stdout",
  { json }: { readonly json: boolean },
  { screen }: Run,
): void {
  for (const [item, files] of chosen) {
    for (const file of files) {
      const path = folders === "stdout" ? "-" : join(folders.get(item) ?? item.folderName, file.name);
      const where = folders === "stdout" ? `${file.name}, to standard output` : path;
      screen.print(json ? JSON.stringify(planned(item, file, path)) : printable(describe(file, where)));
    }
  }
  if (json) return;
  const files = [...chosen.values()].flat();
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  const ofItems = chosen.size > 1 ? ` of ${formatCount(chosen.size, "item")}` : "";
  const what = `${formatCount(files.length, "file")}${ofItems}, ${formatBytes(bytes)} on the server's storage`;
  screen.print(`${what}. Nothing was downloaded.`);
}

function planned({ name, id }: SelectedItem, { name: file, size, cached }: ItemFileInfo, path: string): object {
  return { type: "planned", item: name, itemId: id, file, storageBytes: size, cached, path };
}

function describe({ size, cached }: ItemFileInfo, where: string): string {
  return `${(cached ? formatBytes(size) : "not cached").padStart(10)}  ${where}`;
}
