import { stat } from "node:fs/promises";
import { join } from "node:path";
import { formatBytes, formatCount } from "../output/format.ts";
import { printable } from "../output/printable.ts";
import type { Run } from "../run-command.ts";
import type { ChosenFiles } from "./choose-files.ts";
import type { SelectedItem } from "./select-items.ts";

/** What is there already of a file that is to be downloaded. Nothing is read of it. */
interface There {
  /** Size of what has the file's name. */
  readonly thereBytes?: number;
  /** Size of what an earlier run left unfinished. */
  readonly partBytes?: number;
}

/** Says what would be downloaded where to, into the folders of the items or to standard output, and what is there already. */
export async function dryRun(
  chosen: ChosenFiles,
  folders: ReadonlyMap<SelectedItem, string> | "stdout",
  { json }: { readonly json: boolean },
  { screen }: Run,
): Promise<void> {
  for (const [item, files] of chosen) {
    for (const file of files) {
      const path = folders === "stdout" ? "-" : join(folders.get(item) ?? item.folderName, file.name);
      const there = folders === "stdout" ? {} : await lookFor(path);
      const where = folders === "stdout" ? `${file.name}, to standard output` : `${path}${describeThere(there)}`;
      const { size: storageBytes, cached } = file;
      const planned = {
        type: "planned",
        item: item.name,
        itemId: item.id,
        file: file.name,
        storageBytes,
        cached,
        path,
      };
      const size = (cached ? formatBytes(storageBytes) : "not cached").padStart(10);
      screen.print(json ? JSON.stringify({ ...planned, ...there }) : printable(`${size}  ${where}`));
    }
  }
  if (json) return;
  const files = [...chosen.values()].flat();
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  const ofItems = chosen.size > 1 ? ` of ${formatCount(chosen.size, "item")}` : "";
  const what = `${formatCount(files.length, "file")}${ofItems}, ${formatBytes(bytes)} on the server's storage`;
  screen.print(`${what}. Nothing was downloaded.`);
}

async function lookFor(path: string): Promise<There> {
  const sizeOf = async (name: string): Promise<number | undefined> =>
    stat(name).then(
      ({ size }) => size,
      () => undefined,
    );
  const [thereBytes, partBytes] = await Promise.all([sizeOf(path), sizeOf(`${path}.part`)]);
  return { ...(thereBytes !== undefined && { thereBytes }), ...(partBytes !== undefined && { partBytes }) };
}

function describeThere({ thereBytes, partBytes }: There): string {
  const there = thereBytes === undefined ? "" : `  (${formatBytes(thereBytes)} of that name are there)`;
  return partBytes === undefined ? there : `${there}  (${formatBytes(partBytes)} of it are there, unfinished)`;
}
