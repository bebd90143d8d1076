import { matchesName } from "@carrel/node-stream/fs";
import { printable } from "../output/printable.ts";
import { notFoundError } from "../process/cli-error.ts";
import type { CatalogClient } from "./catalog-client.ts";
import { existing } from "./existing.ts";
import { isGlob } from "./parse-target.ts";
import { resolveLibrary } from "./resolve-name.ts";
import type { Resolved } from "./resolve-name.ts";

/**
 * Finds the libraries that a name, an id or a glob means. A text that could be a glob and is the name of a library means that
 * library. Costs one call for a name or an id; a glob costs two, and one more for each library.
 * @throws {@link CliError} exit code 4: there is none.
 */
export async function selectLibraries(
  client: CatalogClient,
  wanted: string,
  signal: AbortSignal,
): Promise<readonly Resolved[]> {
  if (!isGlob(wanted) || (await client.library.find({ name: wanted }, { signal })).length > 0) {
    return [await resolveLibrary(client, wanted, signal)];
  }
  const ids = await client.library.list({ signal });
  const matching: Resolved[] = [];
  const get = async (id: string): Promise<Resolved> => {
    const { name = id } = await client.library.get(id, { signal });
    return { id, name };
  };
  for await (const library of existing(ids, get)) if (matchesName(library.name, wanted)) matching.push(library);
  if (matching.length > 0) return matching;
  throw notFoundError(`No library matches "${printable(wanted)}"`, "List what exists: carrel ls");
}
