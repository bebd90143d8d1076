import type { CarrelClient } from "@carrel/core";
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

/** Finds an item of a library by name or id. */
export async function resolveItem(
  client: CarrelClient,
  library: Resolved,
  wanted: string,
  signal: AbortSignal,
): Promise<Resolved> {
  const source: NameSource = {
    kind: "item",
    kinds: "items",
    listCommand: `carrel ls "${library.name}"`,
    where: ` in library "${library.name}"`,
    find: (name) => client.item.find({ name, library_id: library.id }, { signal }),
    get: (id) => client.item.get(id, { signal }),
    list: () => client.item.list({ library_id: library.id }, { signal }),
  };
  return resolveName(source, wanted);
}
