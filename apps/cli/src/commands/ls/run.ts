import { openServer, resolvedPatterns } from "../../connection/open-server.ts";
import { usualColumns } from "../../listing/columns.ts";
import type { ColumnName } from "../../listing/columns.ts";
import { parseColumns, writeEntries } from "../../listing/write-entries.ts";
import type { CatalogClient } from "../../names/catalog-client.ts";
import { readPublishedTargets } from "../../names/library-url.ts";
import { isGlob, parsePattern, pathIn, pathOf } from "../../names/parse-target.ts";
import type { PathPattern } from "../../names/parse-target.ts";
import { Count } from "../../output/status.ts";
import { isStore } from "../../output/place-path.ts";
import { libraryInStore, refuseStoreFlags } from "../../settings/store-settings.ts";
import { usageError } from "../../process/cli-error.ts";
import type { ProgramIo } from "../../process/program-io.ts";
import { runCommand } from "../../run/run-command.ts";
import type { Run } from "../../run/run-command.ts";
import { wantsJson } from "../../settings/list-options.ts";
import type { LsFlags } from "./command.ts";
import type { Entry } from "../../names/entry.ts";
import { entryKindOf, Lister } from "./lister.ts";
import type { ListMembers } from "./lister.ts";

/** `carrel ls`. */
export async function runLs(paths: readonly string[], flags: LsFlags, io: ProgramIo): Promise<void> {
  await listAs(paths, flags, io, { isSelf: false });
}

/** `carrel du`. */
export async function runDu(paths: readonly string[], flags: LsFlags, io: ProgramIo): Promise<void> {
  await listAs(paths, { ...flags, columns: "size,path" }, io, { isSelf: true });
}

async function listAs(
  paths: readonly string[],
  flags: LsFlags,
  io: ProgramIo,
  options: { readonly isSelf: boolean },
): Promise<void> {
  await runCommand(io, { ...flags, json: wantsJson(flags), answers: true }, (run) => list(paths, flags, run, options));
}

async function list(
  paths: readonly string[],
  flags: LsFlags,
  run: Run,
  { isSelf }: { readonly isSelf: boolean },
): Promise<void> {
  const { signal } = run;
  const options = { members: !isSelf };
  const published = readPublishedTargets(paths, options);
  const patterns: readonly PathPattern[] =
    published?.patterns ?? (paths.length > 0 ? paths : [""]).map((path) => parsePattern(path, options));
  if (published === undefined || !isStore(published.address)) refuseStoreFlags(flags, libraryInStore);
  const isRecursive = flags.recursive ?? false;
  const kinds = kindsOf(patterns, { isSelf, isRecursive });
  refuseUseless(flags, kinds);
  const isFlat = !isSelf && !isRecursive && patterns.length === 1 && patterns.every(isOnePlace);
  const named = flags.columns === undefined ? undefined : parseColumns(flags.columns);
  const usual = usualColumns(kinds, { isLong: flags.long ?? false, isFlat });
  const needs = new Set<ColumnName>([...(named ?? usual), ...(flags.sort === "size" ? (["size"] as const) : [])]);
  const settings = {
    isSelf,
    isRecursive,
    type: kinds.has("item") || kinds.has("file") || kinds.has("member") ? flags.type : undefined,
    counts: needs.has("items"),
    // Beside items, the libraries that hold them are not added up again.
    sizes: needs.has("size") && kinds.size === 1,
  };
  await using connection = await openServer(published, flags, run);
  const client: CatalogClient = connection.client;
  const count = new Count("item");
  const listMembers: ListMembers = async ({ name: fileName, cached }, { item, library }) => {
    // Loaded only where it is needed: it transfers.
    const { openArchive } = await import("../../content/archive.ts");
    const path = pathIn(library, [item.name, fileName]);
    const file = { itemId: item.id, itemName: item.name, fileName, cached, path };
    await using archive = await openArchive(connection, file, {}, run);
    return archive.members;
  };
  const lister = new Lister(client, settings, { signal, count, listMembers });
  const entries = rowsOf(lister, resolvedPatterns(patterns, connection), flags.type);
  const { origin } = client;
  await writeEntries({ origin, entries, usual, none: noneOf(patterns), progress: () => count.text }, flags, run);
}

/** Each thing once, whichever of the patterns name it. */
async function* rowsOf(
  lister: Lister,
  patterns: readonly PathPattern[],
  type: string | undefined,
): AsyncGenerator<Entry> {
  const seen = new Set<string>();
  const wanted = type?.toLowerCase();
  for (const pattern of patterns) {
    for await (const entry of lister.list(pattern)) {
      const { libraryId, itemId = "", file, archive = "", member = "" } = entry;
      const key = pathOf([libraryId, itemId, file ?? archive, member]);
      if (seen.has(key)) continue;
      seen.add(key);
      const own =
        entry.type === "file" || entry.type === "member" ? undefined : (entry.libraryType ?? entry.itemType ?? "");
      if (wanted === undefined || own === undefined || own.toLowerCase() === wanted) yield entry;
    }
  }
}

function kindsOf(
  patterns: readonly PathPattern[],
  { isSelf, isRecursive }: { readonly isSelf: boolean; readonly isRecursive: boolean },
): ReadonlySet<Entry["type"]> {
  const kinds = new Set(patterns.map((pattern) => entryKindOf(pattern, isSelf)));
  if (isRecursive && kinds.has("library")) kinds.add("item");
  if (isRecursive && kinds.has("item")) kinds.add("file");
  return kinds;
}

/** Whether what a pattern lists is in one library, item or archive, so that names tell it apart. */
function isOnePlace({ library = "", item = "", file, member }: PathPattern): boolean {
  if (member !== undefined) return ![library, item, file ?? ""].some(isGlob);
  if (file !== undefined) return !isGlob(library) && !isGlob(item);
  return item === "" || !isGlob(library);
}

function refuseUseless({ type }: LsFlags, kinds: ReadonlySet<Entry["type"]>): void {
  if (type !== undefined && !kinds.has("library") && !kinds.has("item")) {
    throw usageError("--type is for libraries and items: files have no type", "Use a glob: LIBRARY/ITEM/*.vmdk");
  }
}

function noneOf([first = {}, ...others]: readonly PathPattern[]): string {
  if (others.length > 0) return "Nothing to list.";
  if (first.library === undefined) return "No library is visible to this user.";
  if (first.file !== undefined) return "The archive has no files.";
  return first.item === undefined ? "The library has no items." : "The item has no files.";
}
