import { resolve } from "node:path";
import { join, arrayOf, membersOf, objectOf, parseJsonInput } from "./check.ts";
import { seedMembers } from "./check-options.ts";
import type { SimulatorOptions } from "../model/simulator-options.ts";

/** The options of a simulator that a seed file can contain: those that are plain data. */
export type SimulatorSeed = Omit<SimulatorOptions, "port" | "tls" | "clock" | "journalLimit">;

/** Options of {@link loadSeed}. */
export interface LoadSeedOptions {
  /**
   * Directory that relative paths of files start from.
   * @defaultValue the working directory
   */
  readonly directory?: string;
}

/**
 * Reads a seed from JSON text, or from the value that was parsed from it. The content of a file is one of `text`, `base64`,
 * `path`, or `sizeBytes` with an optional `seed`.
 *
 * @throws SimulatorInputError where the seed is wrong; the message begins with the place of the mistake, such as
 * `line 3, column 7` or `libraries[0].items[2].files[1].sizeBytes`.
 *
 * @example
 * ```ts
 * import { loadSeed, startSimulator } from "@carrel/simulator";
 *
 * const seed = loadSeed('{ "libraries": [{ "name": "images", "items": [{ "name": "debian" }] }] }');
 * await using simulator = await startSimulator({ tls: true, ...seed });
 * ```
 */
export function loadSeed(source: string | object, options: LoadSeedOptions = {}): SimulatorSeed {
  const value = typeof source === "string" ? parseJsonInput(source) : source;
  const { libraries, ...rest } = membersOf(value, "");
  const seed =
    libraries === undefined ? rest : { ...rest, libraries: readLibraries(libraries, options.directory ?? ".") };
  objectOf(seedMembers)(seed, "");
  return seed;
}

function readLibraries(libraries: unknown, directory: string): unknown {
  return mapList(libraries, "libraries", (library, place) =>
    mapMember(library, place, "items", (item, at) => mapMember(item, at, "files", (file) => readFile(file, directory))),
  );
}

function readFile(file: Readonly<Record<string, unknown>>, directory: string): unknown {
  const { base64, path, ...rest } = file;
  return {
    ...rest,
    ...(typeof path === "string" ? { path: resolve(directory, path) } : path === undefined ? {} : { path }),
    ...(base64 === undefined ? {} : { bytes: typeof base64 === "string" ? Buffer.from(base64, "base64") : base64 }),
  };
}

type Map = (element: Readonly<Record<string, unknown>>, place: string) => unknown;

function mapMember(value: Readonly<Record<string, unknown>>, place: string, name: string, map: Map): unknown {
  return value[name] === undefined ? value : { ...value, [name]: mapList(value[name], join(place, name), map) };
}

function mapList(list: unknown, place: string, map: Map): unknown {
  arrayOf(() => {})(list, place);
  return (list as readonly unknown[]).map((element, index) => {
    const at = `${place}[${index}]`;
    return map(membersOf(element, at), at);
  });
}
