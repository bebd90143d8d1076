import { openConnection } from "../../connection/connect.ts";
import { nearestNames } from "../../names/nearest.ts";
import { isGlob, parsePattern } from "../../names/parse-target.ts";
import type { PathPattern } from "../../names/parse-target.ts";
import { Count } from "../../output/status.ts";
import { writeTable } from "../../output/table.ts";
import type { TableFormat } from "../../output/table.ts";
import { columnsOf } from "../../output/terminal.ts";
import { usageError } from "../../process/cli-error.ts";
import type { ProgramIo } from "../../process/program-io.ts";
import { runCommand } from "../../run/run-command.ts";
import type { Run } from "../../run/run-command.ts";
import { columnNames, columns, usualColumns } from "./columns.ts";
import type { ColumnName } from "./columns.ts";
import type { LsFlags } from "./command.ts";
import type { Entry } from "../../names/entry.ts";
import { entryKindOf, Lister } from "./lister.ts";
import { orderBy } from "./order.ts";

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
  const json = flags.json === true || flags.output === "json";
  await runCommand(io, { ...flags, json, answers: true }, (run) => list(paths, flags, run, options));
}

async function list(
  paths: readonly string[],
  flags: LsFlags,
  run: Run,
  { isSelf }: { readonly isSelf: boolean },
): Promise<void> {
  const { signal, io } = run;
  const patterns = (paths.length > 0 ? paths : [""]).map(parsePattern);
  const isRecursive = flags.recursive ?? false;
  const kinds = kindsOf(patterns, { isSelf, isRecursive });
  refuseUseless(flags, kinds);
  const isFlat = !isSelf && !isRecursive && patterns.length === 1 && patterns.every(isOnePlace);
  const named = flags.columns === undefined ? undefined : parseColumns(flags.columns);
  const shown = named ?? usualColumns(kinds, { isLong: flags.long ?? false, isFlat });
  const needs = new Set<ColumnName>([...shown, ...(flags.sort === "size" ? (["size"] as const) : [])]);
  const settings = {
    isSelf,
    isRecursive,
    type: kinds.has("item") || kinds.has("file") ? flags.type : undefined,
    counts: needs.has("items"),
    // Beside items, the libraries that hold them are not added up again.
    sizes: needs.has("size") && kinds.size === 1,
  };
  await using connection = await openConnection(flags, run);
  const count = new Count("item");
  const lister = new Lister(connection.client, settings, { signal, count });
  await writeTable<Entry>(
    {
      format: formatOf(flags),
      columns: Object.fromEntries(shown.map((name) => [name, columns[name]])),
      hasHead: flags.header,
      mayNarrow: named === undefined,
      order: orderBy(flags.sort, flags.reverse ?? false),
      rows: rowsOf(lister, patterns, flags.type),
      none: noneOf(patterns),
      progress: () => count.text,
      name: ({ path }) => path,
      json: (entry) => (named === undefined ? entry : chosenMembers(entry, named)),
    },
    { screen: run.screen, signal, terminalColumns: io.stdout.isTTY ? columnsOf(io.stdout, io.env) : undefined },
  );
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
      const key = [entry.libraryId, entry.itemId ?? "", entry.file ?? ""].join("/");
      if (seen.has(key)) continue;
      seen.add(key);
      const own = entry.type === "file" ? undefined : (entry.libraryType ?? entry.itemType ?? "");
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

/** Whether what a pattern lists is in one library or one item, so that names tell it apart. */
function isOnePlace({ library = "", item = "", file }: PathPattern): boolean {
  if (file !== undefined) return !isGlob(library) && !isGlob(item);
  return item === "" || !isGlob(library);
}

function refuseUseless({ type }: LsFlags, kinds: ReadonlySet<Entry["type"]>): void {
  if (type !== undefined && kinds.size === 1 && kinds.has("file")) {
    throw usageError("--type is for libraries and items: files have no type", "Use a glob: LIBRARY/ITEM/*.vmdk");
  }
}

function formatOf({ output, json = false, null: isNull = false }: LsFlags): TableFormat {
  const formats = [output, json ? "json" : undefined, isNull && output !== "name" ? "null" : undefined];
  const [first, ...others] = formats.filter((format) => format !== undefined);
  if (others.some((other) => other !== first)) throw usageError("Cannot combine -o, --json and -0");
  return isNull ? "null" : ((first as TableFormat | undefined) ?? "table");
}

function parseColumns(text: string): readonly ColumnName[] {
  return text.split(",").map((part) => {
    const wanted = part.trim().toLowerCase();
    const name = columnNames.find((each) => each === wanted);
    if (name !== undefined) return name;
    const [near] = nearestNames(wanted, columnNames);
    throw usageError(
      `No column "${wanted}"`,
      ...(near === undefined ? [] : [`Did you mean "${near}"?`]),
      `Columns: ${columnNames.join(", ")}`,
    );
  });
}

/** What it is and where, and what the chosen columns show. */
function chosenMembers(entry: Entry, named: readonly ColumnName[]): object {
  const members = new Set<string>(["type", "path", ...named.flatMap((name) => columns[name].members)]);
  return Object.fromEntries(Object.entries(entry).filter(([member]) => members.has(member)));
}

function noneOf([first = {}, ...others]: readonly PathPattern[]): string {
  if (others.length > 0) return "Nothing to list.";
  if (first.library === undefined) return "No library is visible to this user.";
  return first.item === undefined ? "The library has no items." : "The item has no files.";
}
