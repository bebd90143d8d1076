import { nearestNames } from "../names/nearest.ts";
import type { Entry } from "../names/entry.ts";
import { writeTable } from "../output/table.ts";
import { columnsOf } from "../output/terminal.ts";
import { usageError } from "../process/cli-error.ts";
import { ShownNames } from "../run/remember-names.ts";
import type { Run } from "../run/run-command.ts";
import { readFormat } from "../settings/output-format.ts";
import type { RowFlags } from "../settings/list-options.ts";
import { columnNames, columns } from "./columns.ts";
import type { ColumnName } from "./columns.ts";
import { orderBy } from "./order.ts";

/** Libraries, items and files to list. */
export interface EntryList {
  /** Of the server that has them. */
  readonly origin: string;
  readonly entries: AsyncIterable<Entry>;
  /** The columns that are shown where `--columns` chooses none. */
  readonly usual: readonly ColumnName[];
  /** What to say where there is none. */
  readonly none?: string;
  readonly progress: () => string | undefined;
}

/**
 * Lists libraries, items and files as the flags say.
 * @returns How many there were.
 */
export async function writeEntries(list: EntryList, flags: RowFlags, run: Run): Promise<number> {
  const { origin, entries, usual, none, progress } = list;
  const { io, screen, signal } = run;
  await using shown = new ShownNames(run, origin);
  const rows = async function* rows(): AsyncGenerator<Entry> {
    for await (const entry of entries) {
      shown.add(entry.path);
      yield entry;
    }
  };
  const named = flags.columns === undefined ? undefined : parseColumns(flags.columns);
  return await writeTable<Entry>(
    {
      format: readFormat(flags),
      columns: Object.fromEntries((named ?? usual).map((name) => [name, columns[name]])),
      hasHead: flags.header,
      mayNarrow: named === undefined,
      order: orderBy(flags.sort, flags.reverse ?? false),
      rows: rows(),
      none,
      progress,
      name: ({ path }) => path,
      json: (entry) => (named === undefined ? entry : chosenMembers(entry, named)),
    },
    { screen, signal, terminalColumns: io.stdout.isTTY ? columnsOf(io.stdout, io.env) : undefined },
  );
}

/**
 * Reads the names of `--columns`.
 * @throws {@link CliError} exit code 2: there is no such column.
 */
export function parseColumns(text: string): readonly ColumnName[] {
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
