import { isNotFound } from "@carrel/core/kit";
import { printable } from "../output/printable.ts";
import { CliError, notFoundError, exitCodes } from "../process/cli-error.ts";
import { collect, concurrentCalls, concurrently } from "../concurrently.ts";
import type { CatalogClient } from "./catalog-client.ts";
import { nearestNames } from "./nearest.ts";
import { isGlob } from "./parse-target.ts";

/** A library or an item. */
interface Named {
  readonly id?: string;
  readonly name?: string;
  readonly type?: string;
  /** The library of an item. */
  readonly library_id?: string;
}

/** The calls that find one kind of object. */
interface NameSource {
  /** Such as `library`. */
  readonly kind: string;
  /** Such as `libraries`. */
  readonly kinds: string;
  /** A command that lists them. */
  readonly listCommand: string;
  /** Where it is searched for, such as ` in library "Images"`; may be empty. */
  readonly where: string;
  /** Returns the ids of all with that name, ignoring case. */
  find(name: string): Promise<readonly string[]>;
  get(id: string): Promise<Named>;
  /** Returns the ids of all. */
  list(): Promise<readonly string[]>;
  /** Throws where what an id led to is not among those searched. */
  check?(found: Named): Promise<void>;
  /** Returns the name as the server spells it: costs one more call where it is found by name. */
  readonly asSpelled?: boolean;
}

/** A library or an item that a name or an id means. */
export interface Resolved {
  readonly id: string;
  /** The name as the server spells it, or as the user does where the server was not asked. */
  readonly name: string;
  /** Takes the place of the name in paths: the address of a published library. */
  readonly address?: string;
}

/** Whether a text is an identifier of a library or an item. */
export function isId(text: string): boolean {
  return uuid.test(text);
}

const uuid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/iu;
const suggestionCandidates = 400;

/**
 * Finds the one object that a name or an id means. Costs one call, and more only where that does not decide it.
 */
async function resolveName(source: NameSource, wanted: string): Promise<Resolved> {
  if (isId(wanted)) {
    const found = await getIfThere(source, wanted);
    if (found) {
      await source.check?.(found);
      return { id: wanted, name: found.name ?? wanted };
    }
  }
  const ids = await source.find(wanted);
  const [only] = ids;
  if (only !== undefined && ids.length === 1) {
    const name = source.asSpelled ? (await getIfThere(source, only))?.name : undefined;
    return { id: only, name: name ?? wanted };
  }
  if (only === undefined) throw await unknownName(source, wanted);

  const found = await collect(concurrently(ids, concurrentCalls, async (id) => ({ id, ...(await source.get(id)) })));
  const exact = found.filter(({ name }) => name === wanted);
  const [match] = exact;
  if (match && exact.length === 1) return { id: match.id, name: wanted };
  throw ambiguousName(source, wanted, found);
}

async function getIfThere(source: NameSource, id: string): Promise<Named | undefined> {
  try {
    return await source.get(id);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

function ambiguousName(
  source: NameSource,
  wanted: string,
  found: readonly (Named & { readonly id: string })[],
): CliError {
  return new CliError(`"${wanted}" is the name of ${found.length} ${source.kinds}${source.where}`, {
    exitCode: exitCodes.usage,
    hints: found.map(({ id, name, type }) => `${id}  ${printable(name ?? "")}${type ? `  (${printable(type)})` : ""}`),
  });
}

async function unknownName(source: NameSource, wanted: string): Promise<CliError> {
  const message = `No ${source.kind} "${wanted}"${source.where}`;
  // A failure to find similar names must not hide that the name does not exist.
  const names = await allNames(source).catch(() => []);
  const others = names.filter((name) => name !== wanted);
  const nearest = (isGlob(wanted) ? [] : nearestNames(wanted, others)).map((name) => `"${printable(name)}"`);
  const more = [
    ...(isGlob(wanted) ? ['One name is expected here: globs such as "*" are not expanded.'] : []),
    ...(wanted.includes("\\") ? ['Separate library, item and file with "/", not with "\\".'] : []),
  ];
  if (nearest.length > 0) return notFoundError(message, `Did you mean ${nearest.join(" or ")}?`, ...more);
  if (names.length === 0) {
    return notFoundError(message, `No ${source.kind} is visible to this user${source.where}.`, ...more);
  }
  return notFoundError(message, `List what exists: ${source.listCommand}`, ...more);
}

async function allNames(source: NameSource): Promise<readonly string[]> {
  const ids = (await source.list()).slice(0, suggestionCandidates);
  const found = await collect(concurrently(ids, concurrentCalls, async (id) => (await getIfThere(source, id))?.name));
  return found.filter((name) => name !== undefined);
}

/** Finds a library by name or id. */
export function resolveLibrary(client: CatalogClient, wanted: string, signal: AbortSignal): Promise<Resolved> {
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

/** Options of {@link resolveItem}. */
export interface ResolveItemOptions {
  readonly signal: AbortSignal;
  /** Returns its name as the server spells it, at the cost of a call. */
  readonly asSpelled?: boolean;
}

/** Finds an item of a library by name or id. */
export async function resolveItem(
  client: CatalogClient,
  library: Resolved,
  wanted: string,
  { signal, asSpelled = false }: ResolveItemOptions,
): Promise<Resolved> {
  const source: NameSource = {
    kind: "item",
    kinds: "items",
    listCommand: `carrel ls "${client.address ?? library.name}"`,
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

/** The error for an id of an item that exists in another library. */
async function elsewhere(
  client: CatalogClient,
  { wanted, library, other }: { readonly wanted: string; readonly library: Resolved; readonly other: string },
  signal: AbortSignal,
): Promise<Error> {
  // Without its name the id has to do.
  const found = await client.library.get(other, { signal }).catch(() => undefined);
  signal.throwIfAborted();
  const name = printable(found?.name ?? other);
  return notFoundError(
    `No item "${wanted}" in library "${printable(library.name)}"`,
    `It is in library "${name}": write "${name}/${wanted}"`,
  );
}
