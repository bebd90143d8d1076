import { matchesName } from "@carrel/node-stream/fs";
import { openServer } from "../../connection/open-server.ts";
import type { ColumnName } from "../../listing/columns.ts";
import { writeEntries } from "../../listing/write-entries.ts";
import type { CatalogClient } from "../../names/catalog-client.ts";
import type { Entry } from "../../names/entry.ts";
import { readPublishedLibrary } from "../../names/library-url.ts";
import { isGlob } from "../../names/parse-target.ts";
import { isId } from "../../names/resolve-name.ts";
import { selectLibraries } from "../../names/select-libraries.ts";
import { isStore } from "../../output/place-path.ts";
import { Count } from "../../output/status.ts";
import { printable } from "../../output/printable.ts";
import { notFoundError } from "../../process/cli-error.ts";
import type { ProgramIo } from "../../process/program-io.ts";
import { runCommand } from "../../run/run-command.ts";
import type { Run } from "../../run/run-command.ts";
import { wantsJson } from "../../settings/list-options.ts";
import { refuseStoreFlags } from "../../settings/store-settings.ts";
import type { FindFlags } from "./command.ts";
import { locate, search } from "./search.ts";
import type { Search } from "./search.ts";

/** `carrel find`. */
export async function runFind(pattern: string, flags: FindFlags, io: ProgramIo): Promise<void> {
  await runCommand(io, { ...flags, json: wantsJson(flags), answers: true }, (run) => find(pattern, flags, run));
}

async function find(pattern: string, flags: FindFlags, run: Run): Promise<void> {
  const { signal } = run;
  const { type, files = false, long = false } = flags;
  const usual: readonly ColumnName[] = long
    ? ["id", "type", "size", "version", "cached", "changed", "path", "description"]
    : ["type", "size", "cached", "path"];
  const published = flags.library === undefined ? undefined : readPublishedLibrary(flags.library);
  if (published === undefined || !isStore(published.address)) refuseStoreFlags(flags, "--library s3://BUCKET/PREFIX");
  await using connection = await openServer(published, flags, run);
  const client: CatalogClient = connection.client;
  const library = "subscription" in connection ? connection.subscription.library.id : flags.library;
  const libraries = library === undefined ? undefined : await selectLibraries(client, library, signal);
  const wanted: Search = { ...nameTest(pattern, flags), type, files, libraries };
  const count = new Count("item");
  const entries = async function* entries(): AsyncGenerator<Entry> {
    const located = isId(pattern) ? await locate(client, pattern, signal) : undefined;
    if (located === undefined) yield* search(client, wanted, { signal, count });
    else yield located;
  };
  const { origin } = client;
  const found = await writeEntries({ origin, entries: entries(), usual, progress: () => count.text }, flags, run);
  if (found === 0) throw nothing(pattern, wanted, client.address);
}

/** What a pattern means: the whole name, a glob over it, or a part of it. */
function nameTest(pattern: string, { exact = false }: FindFlags): Pick<Search, "matches" | "name"> {
  const text = pattern.toLowerCase();
  if (exact) return { matches: (name) => name.toLowerCase() === text, name: pattern };
  if (isGlob(pattern)) return { matches: (name) => matchesName(name.toLowerCase(), text) };
  return { matches: (name) => name.toLowerCase().includes(text) };
}

function nothing(pattern: string, { files, type, libraries }: Search, address: string | undefined): Error {
  const what = `${type === undefined ? "item" : `item of type "${printable(type)}"`}${files ? ", and no file," : ""}`;
  const names = libraries?.map(({ name }) => `library "${printable(name)}"`);
  const where = names === undefined ? "" : ` in ${names.join(", ")}`;
  return notFoundError(
    `No ${what} matches "${printable(pattern)}"${where}`,
    `List what exists: carrel ls${address === undefined ? "" : ` ${address}`}`,
  );
}
