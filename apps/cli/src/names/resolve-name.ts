import { CarrelError } from "@carrel/core";
import { CliError, notFoundError } from "../process/cli-error.ts";
import { exitCodes } from "../process/exit-code.ts";
import { printable } from "../output/printable.ts";
import { collect, mapInOrder } from "../run/map-in-order.ts";
import { isGlob } from "./is-glob.ts";
import { nearestNames } from "./nearest.ts";

/** A thing with a name on the server. */
export interface Named {
  readonly id?: string;
  readonly name?: string;
  readonly type?: string;
  /** The library of an item. */
  readonly library_id?: string;
}

/** The calls by which one kind of thing is found. */
export interface NameSource {
  /** Such as `library`. */
  readonly kind: string;
  /** Such as `libraries`. */
  readonly kinds: string;
  /** A command that lists them. */
  readonly listCommand: string;
  /** Where it was looked for, such as ` in library "Images"`; may be empty. */
  readonly where: string;
  /** Identifiers of all with that name, compared without regard to case. */
  find(name: string): Promise<readonly string[]>;
  get(id: string): Promise<Named>;
  /** Identifiers of all. */
  list(): Promise<readonly string[]>;
  /** Looks at what an identifier led to, and throws where it is not one of those that are looked for. */
  check?(found: Named): Promise<void>;
  /** The name is to be as the server spells it: costs one more call where it is found by name. */
  readonly asSpelled?: boolean;
}

/** What was found. */
export interface Resolved {
  readonly id: string;
  /** The name as the server spells it, or as the user does where nobody asked the server. */
  readonly name: string;
}

const uuid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/iu;
const suggestionCandidates = 400;
const concurrentCalls = 16;

/**
 * Finds the one thing that a name or an identifier means. Costs one call; more only where that does not decide it.
 */
export async function resolveName(source: NameSource, wanted: string): Promise<Resolved> {
  if (uuid.test(wanted)) {
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

  const found = await collect(mapInOrder(ids, concurrentCalls, async (id) => ({ id, ...(await source.get(id)) })));
  const exact = found.filter(({ name }) => name === wanted);
  const [match] = exact;
  if (match && exact.length === 1) return { id: match.id, name: wanted };
  throw ambiguousName(source, wanted, found);
}

async function getIfThere(source: NameSource, id: string): Promise<Named | undefined> {
  try {
    return await source.get(id);
  } catch (error) {
    if (error instanceof CarrelError && error.code === "NOT_FOUND") return undefined;
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
  // Naming the nearest is a courtesy: what goes wrong here must not hide the answer.
  const names = await allNames(source).catch(() => []);
  const others = names.filter((name) => name !== wanted);
  const nearest = nearestNames(wanted, others).map((name) => `"${printable(name)}"`);
  const more = [
    ...(isGlob(wanted) ? ['"*" and its like mean something only in ITEM and FILE of "carrel get".'] : []),
    ...(wanted.includes("\\") ? ['What follows a library or an item is written after a "/", not after a "\\".'] : []),
  ];
  if (nearest.length > 0) return notFoundError(message, `Did you mean ${nearest.join(" or ")}?`, ...more);
  if (names.length === 0) {
    return notFoundError(message, `No ${source.kind} is visible to this user${source.where}.`, ...more);
  }
  return notFoundError(message, `List what exists: ${source.listCommand}`, ...more);
}

async function allNames(source: NameSource): Promise<readonly string[]> {
  const ids = (await source.list()).slice(0, suggestionCandidates);
  const found = await collect(mapInOrder(ids, concurrentCalls, async (id) => (await getIfThere(source, id))?.name));
  return found.filter((name) => name !== undefined);
}
