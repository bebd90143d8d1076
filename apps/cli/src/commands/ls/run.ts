import { listFiles, listItems, listLibraries } from "./listings.ts";
import { parsePath } from "../../names/parse-target.ts";
import { resolveItem, resolveLibrary } from "../../names/resolve-name.ts";
import { openConnection } from "../../connection/connect.ts";
import type { Run } from "../../run/run-command.ts";
import { writeListing } from "../../output/listing.ts";
import type { LsFlags } from "./command.ts";

/** `carrel ls`. */
export async function runLs(path: string | undefined, flags: LsFlags, run: Run): Promise<void> {
  const { library, item } = parsePath(path);
  await using connection = await openConnection(flags, run);
  const { client } = connection;
  const options = { long: flags.long ?? false, signal: run.signal };
  // Awaited here, so that the connection outlasts the listing.
  await list();

  async function list(): Promise<void> {
    if (library === undefined) return writeListing(listLibraries(client, options), flags, run);
    const foundLibrary = await resolveLibrary(client, library, run.signal);
    if (item === undefined) return writeListing(listItems(client, foundLibrary.id, options), flags, run);
    const foundItem = await resolveItem(client, foundLibrary, item, { signal: run.signal });
    return writeListing(listFiles(client, foundItem.id, options), flags, run);
  }
}
