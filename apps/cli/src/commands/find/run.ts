import { matchesName } from "@carrel/node-stream/fs";
import { openConnection } from "../../connection/connect.ts";
import { isGlob } from "../../names/parse-target.ts";
import { isId } from "../../names/resolve-name.ts";
import { selectLibraries } from "../../names/select-libraries.ts";
import { Count } from "../../output/status.ts";
import { formatBytes } from "../../output/format.ts";
import { writeListing } from "../../output/listing.ts";
import type { Column } from "../../output/listing.ts";
import { printable } from "../../output/printable.ts";
import { notFoundError } from "../../process/cli-error.ts";
import type { Run } from "../../run/run-command.ts";
import type { FindFlags } from "./command.ts";
import { locate, search } from "./search.ts";
import type { Found, Search } from "./search.ts";

/** `carrel find`. */
export async function runFind(pattern: string, flags: FindFlags, run: Run): Promise<void> {
  const { signal } = run;
  const { type, files = false, long = false } = flags;
  await using connection = await openConnection(flags, run);
  const { client } = connection;
  const libraries = flags.library === undefined ? undefined : await selectLibraries(client, flags.library, signal);
  const wanted: Search = { ...nameTest(pattern, flags), type, files, libraries };
  const count = new Count("item");
  let found = 0;
  const entries = async function* entries(): AsyncGenerator<Found> {
    const located = isId(pattern) ? await locate(client, pattern, signal) : undefined;
    for await (const each of located === undefined ? search(client, wanted, { signal, count }) : [located]) {
      found += 1;
      yield each;
    }
  };
  await writeListing(
    {
      columns: columnsFor(long),
      entries: entries(),
      progress: () => count.text,
      cells: (each) => cellsFor(each, long),
    },
    flags,
    run,
  );
  if (found === 0) throw nothing(pattern, wanted);
}

/** What a pattern means: the whole name, a glob over it, or a part of it. */
function nameTest(pattern: string, { exact = false }: FindFlags): Pick<Search, "matches" | "name"> {
  const text = pattern.toLowerCase();
  if (exact) return { matches: (name) => name.toLowerCase() === text, name: pattern };
  if (isGlob(pattern)) return { matches: (name) => matchesName(name.toLowerCase(), text) };
  return { matches: (name) => name.toLowerCase().includes(text) };
}

function nothing(pattern: string, { files, type, libraries }: Search): Error {
  const what = `${type === undefined ? "item" : `item of type "${printable(type)}"`}${files ? ", and no file," : ""}`;
  const names = libraries?.map(({ name }) => `library "${printable(name)}"`);
  const where = names === undefined ? "" : ` in ${names.join(", ")}`;
  return notFoundError(`No ${what} matches "${printable(pattern)}"${where}`, "List what exists: carrel ls");
}

function columnsFor(long: boolean): readonly Column[] {
  return [
    ...(long ? [{ title: "ID", width: 36 }] : []),
    { title: "TYPE", width: 11 },
    { title: "SIZE", width: 10, align: "right" },
    { title: "CACHED", width: 6 },
    { title: "PATH", width: 20 },
  ];
}

function cellsFor(
  { type, itemId, itemType = "", storageBytes, cached, path }: Found,
  long: boolean,
): readonly string[] {
  return [
    ...(long ? [itemId] : []),
    type === "file" ? "file" : itemType,
    cached === false ? "-" : formatBytes(storageBytes),
    cached === undefined ? "" : cached ? "yes" : "no",
    path,
  ];
}
