import type { CarrelClient } from "@carrel/core";
import { notFoundError } from "../process/cli-error.ts";
import { printable } from "../output/printable.ts";
import { resolveName } from "./resolve-name.ts";
import type { NameSource, Resolved } from "./resolve-name.ts";

/** Finds a library by name or id. */
export function resolveLibrary(client: CarrelClient, wanted: string, signal: AbortSignal): Promise<Resolved> {
  const source: NameSource = {
    kind: "library",
    kinds: "libraries",
    listCommand: "carrel ls",
    where: "",
    find: (name) => client.library.find({ name }, { signal }),
    get: (id) => client.library.get(id, { signal }),
    list: () => client.library.list({ signal }),
  };
  return resolveName(source, wanted);
}

/** How an item is looked for. */
export interface ResolveItemOptions {
  readonly signal: AbortSignal;
  /** Its name is to be as the server spells it, at the cost of a call. */
  readonly asSpelled?: boolean;
}

/** Finds an item of a library by name or id. */
export async function resolveItem(
  client: CarrelClient,
  library: Resolved,
  wanted: string,
  { signal, asSpelled = false }: ResolveItemOptions,
): Promise<Resolved> {
  const source: NameSource = {
    kind: "item",
    kinds: "items",
    listCommand: `carrel ls "${library.name}"`,
    where: ` in library "${library.name}"`,
    find: (name) => client.item.find({ name, library_id: library.id }, { signal }),
    get: (id) => client.item.get(id, { signal }),
    list: () => client.item.list({ library_id: library.id }, { signal }),
    check: async ({ library_id: other }) => {
      if (other !== undefined && other !== library.id)
        throw await elsewhere(client, { wanted, library, other }, signal);
    },
    asSpelled,
  };
  return resolveName(source, wanted);
}

/** An identifier of an item that is there, in another library. */
async function elsewhere(
  client: CarrelClient,
  { wanted, library, other }: { readonly wanted: string; readonly library: Resolved; readonly other: string },
  signal: AbortSignal,
): Promise<Error> {
  // Its name is a courtesy: the id says it as well.
  const found = await client.library.get(other, { signal }).catch(() => undefined);
  signal.throwIfAborted();
  const name = printable(found?.name ?? other);
  return notFoundError(
    `No item "${wanted}" in library "${printable(library.name)}"`,
    `It is in library "${name}": write "${name}/${wanted}"`,
  );
}
