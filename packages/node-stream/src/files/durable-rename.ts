import { dirname } from "node:path";
import { DurableFolder } from "./durable-folder.ts";

/** Renames one synced file so that the new name survives a power cut. Replaces what has the new name. */
export async function durableRename(from: string, to: string): Promise<void> {
  await new DurableFolder(dirname(to)).rename(from, to);
}
