import { directoryNameFor, readMirrorRecord } from "@carrel/mirror";
import type { MirrorPlace } from "@carrel/mirror/source";
import { nameKey } from "@carrel/node-stream/fs";
import type { CatalogClient } from "../../names/catalog-client.ts";
import { isGlob, pathOf } from "../../names/parse-target.ts";
import type { Resolved } from "../../names/resolve-name.ts";
import { selectLibraries } from "../../names/select-libraries.ts";
import { joinPlace } from "../../output/place-path.ts";
import { printable } from "../../output/printable.ts";
import { CliError, exitCodes, usageError } from "../../process/cli-error.ts";
import { wordOf } from "../../settings/shell-syntax.ts";

/** A library, and where it is mirrored to. */
export interface MirroredLibrary extends Resolved {
  /** Absolute path, or an address such as `s3://images/lab`. */
  readonly root: string;
  /** What comes before the names of its items in messages; absent where it is the only library. */
  readonly label?: string;
}

/** Where libraries are mirrored to. */
export interface MirrorTarget {
  /** Absolute path, or an address such as `s3://images/lab`. */
  readonly location: string;
  /** Returns what is at the location, or below it, where that is an object store. */
  readonly placeAt?: (location: string) => MirrorPlace;
}

/**
 * Finds the libraries to mirror, each once. A single one that was named goes into the directory itself; several, or what a glob
 * found, into a directory each below it: so a second library that matches later does not move the first one.
 * @throws {@link CliError} exit code 2: two of them would share a directory. 4: there is none. 1: the directory is a mirror itself.
 */
export async function mirroredLibraries(
  client: CatalogClient,
  patterns: readonly string[],
  { location: directory, placeAt }: MirrorTarget,
  signal: AbortSignal,
): Promise<readonly MirroredLibrary[]> {
  const found = new Map<string, Resolved>();
  for (const pattern of patterns) {
    for (const library of await selectLibraries(client, pattern, signal)) found.set(library.id, library);
  }
  const libraries = [...found.values()];
  const [first] = libraries;
  if (first === undefined) return [];
  if (libraries.length === 1 && patterns.length === 1 && !isGlob(patterns[0] ?? "")) {
    return [{ ...first, root: directory }];
  }
  await refuseMirror(directory, placeAt?.(directory));
  const byName = new Map<string, Resolved>();
  return libraries.map((library) => {
    const name = directoryNameFor(library);
    const other = byName.get(nameKey(name));
    if (other !== undefined) throw sharedDirectory(other, library, joinPlace(directory, name));
    byName.set(nameKey(name), library);
    return { ...library, root: joinPlace(directory, name), label: library.name };
  });
}

/** A mirror of one library, with others below it, would take their directories for something that is in its place. */
async function refuseMirror(directory: string, place: MirrorPlace | undefined): Promise<void> {
  const record = await readMirrorRecord(place ?? directory);
  if (record === undefined) return;
  const { name } = record.library;
  const noun = place === undefined ? "directory" : "prefix";
  throw new CliError(
    `Cannot mirror several libraries to "${directory}": it is a mirror of library "${printable(name)}"`,
    {
      exitCode: exitCodes.failed,
      hints: [
        `Choose another ${noun}; each library has a ${noun} of its own below it.`,
        `To keep this mirror up to date: carrel mirror ${wordOf(printable(pathOf([name])))} ${wordOf(printable(directory))}`,
      ],
    },
  );
}

function sharedDirectory(one: Resolved, other: Resolved, directory: string): Error {
  const described = [one, other].map(({ name, id }) => `"${printable(name)}" (${id})`);
  return usageError(
    `The libraries ${described.join(" and ")} would share one directory: ${printable(directory)}`,
    "Mirror them one by one, each to a directory of its own: carrel mirror ID DIR",
  );
}
