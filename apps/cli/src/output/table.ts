import { collect } from "../concurrently.ts";
import { listingHead, listingRow } from "./listing.ts";
import type { Column } from "./listing.ts";
import { jsonLine, printable } from "./printable.ts";
import type { Screen } from "./screen.ts";
import { showStatus } from "./status.ts";
import { fitMiddle, textWidth } from "./text-width.ts";

/** A column whose values are written as text, CSV or JSON. */
export interface TableColumn<T> {
  /** Where rows are written before all of them are known. */
  readonly width: number;
  readonly align?: "right";
  value(row: T): string | number | boolean | undefined;
  /** The head of the column, where that is not its name. */
  readonly title?: string;
  /** Where a table shows something else than the value. */
  text?(row: T): string;
  /** A terminal that is too narrow does without those with the highest rank first; those without a rank stay. */
  readonly rank?: number;
  /** Left out where no row has a value. */
  readonly isOptional?: boolean;
  /** Loses its middle where a terminal is too narrow even so. */
  readonly shortens?: boolean;
}

/** How rows are written. `name` writes what names them, one a line; with `null` each ends with a NUL character instead. */
export type TableFormat = "table" | "json" | "yaml" | "csv" | "name" | "null";

/** Rows, and how to write them. */
export interface Table<T extends object> {
  readonly format: TableFormat;
  readonly columns: Readonly<Record<string, TableColumn<T>>>;
  readonly hasHead: boolean;
  /** Columns may be left out to fit a terminal. */
  readonly mayNarrow: boolean;
  /** Written as they come, in columns of a fixed width; otherwise all at once, in this order. */
  readonly order: ((one: T, other: T) => number) | undefined;
  readonly rows: AsyncIterable<T>;
  /** What to say where there is none; nothing where it is absent. */
  readonly none?: string | undefined;
  readonly progress: () => string | undefined;
  /** Names a row, for other commands. */
  name(row: T): string;
  /** What JSON and YAML have of it. */
  json(row: T): object;
}

/** Writes rows. Returns how many there were. */
export async function writeTable<T extends object>(
  table: Table<T>,
  { screen, signal, terminalColumns }: { screen: Screen; signal: AbortSignal; terminalColumns?: number | undefined },
): Promise<number> {
  const { order, format, none } = table;
  using status = showStatus(screen, table.progress);
  let count = 0;
  let write: (row: T) => void;
  if (order === undefined) {
    write = writerOf(table, screen, undefined, undefined);
    for await (const row of table.rows) {
      signal.throwIfAborted();
      write(row);
      count += 1;
    }
  } else {
    const rows = (await collect(table.rows)).toSorted(order);
    signal.throwIfAborted();
    write = writerOf(table, screen, rows, terminalColumns);
    for (const row of rows) write(row);
    count = rows.length;
  }
  status[Symbol.dispose]();
  if (count === 0 && format === "table" && none !== undefined) screen.note(none);
  return count;
}

function writerOf<T extends object>(
  table: Table<T>,
  screen: Screen,
  rows: readonly T[] | undefined,
  terminalColumns: number | undefined,
): (row: T) => void {
  switch (table.format) {
    case "json":
      return (row) => screen.printJson(table.json(row));
    case "yaml":
      return (row) => {
        for (const line of yamlLines(table.json(row))) screen.print(line);
      };
    case "name":
      return (row) => screen.print(table.name(row));
    case "null":
      return (row) => screen.printNull(table.name(row));
    case "csv":
      return csvWriter(table, screen);
    default:
      return textWriter(table, screen, rows, terminalColumns);
  }
}

/** Writes an object as an element of a YAML sequence. What JSON makes of a value is YAML, too. */
export function yamlLines(row: object): readonly string[] {
  return Object.entries(row).map(([name, value], index) => `${index === 0 ? "- " : "  "}${name}: ${jsonLine(value)}`);
}

function csvWriter<T extends object>({ columns, hasHead }: Table<T>, screen: Screen): (row: T) => void {
  let isFirst = hasHead;
  const line = (cells: readonly string[]): void => screen.print(cells.map(quoteCsv).join(","));
  return (row) => {
    if (isFirst) line(Object.keys(columns));
    isFirst = false;
    line(Object.values(columns).map((column) => String(column.value(row) ?? "")));
  };
}

function quoteCsv(cell: string): string {
  return /[",\n\r]/u.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

interface Shown<T> extends Column {
  readonly column: TableColumn<T>;
}

function textWriter<T extends object>(
  table: Table<T>,
  screen: Screen,
  rows: readonly T[] | undefined,
  terminalColumns: number | undefined,
): (row: T) => void {
  const shown = fit(table, rows, terminalColumns);
  let isFirst = table.hasHead;
  return (row) => {
    if (isFirst) screen.print(screen.paint("bold", listingHead(shown)));
    isFirst = false;
    const cells = shown.map(({ column, width }) =>
      column.shortens && rows !== undefined ? fitMiddle(cellOf(column, row), width) : cellOf(column, row),
    );
    screen.print(listingRow(shown, cells));
  };
}

function cellOf<T>(column: TableColumn<T>, row: T): string {
  return printable(column.text?.(row) ?? String(column.value(row) ?? ""));
}

/** Makes columns as wide as needed; those that may be left out are, where a terminal has no room for them. */
function fit<T extends object>(
  { columns, hasHead, mayNarrow }: Table<T>,
  rows: readonly T[] | undefined,
  room = Number.POSITIVE_INFINITY,
): readonly Shown<T>[] {
  let shown: readonly Shown<T>[] = Object.entries(columns)
    .filter(([, column]) => !column.isOptional || rows?.some((row) => cellOf(column, row) !== ""))
    .map(([name, column]) => {
      const title = column.title ?? name.toUpperCase();
      const needed = rows?.reduce((most, row) => Math.max(most, textWidth(cellOf(column, row))), 0) ?? column.width;
      const width = Math.max(needed, hasHead ? title.length : 0);
      return { column, title, width, ...(column.align === undefined ? {} : { align: column.align }) };
    });
  const ranks = mayNarrow ? shown.map(({ column: { rank = 0 } }) => rank).filter((rank) => rank > 0) : [];
  for (const most of ranks.toSorted((a, b) => b - a)) {
    if (widthOf(shown) > room) shown = shown.filter(({ column }) => column.rank !== most);
  }
  const over = widthOf(shown) - room;
  if (over <= 0) return shown;
  const leastColumns = 12;
  return shown.map((each) =>
    each.column.shortens ? { ...each, width: Math.max(leastColumns, each.width - over) } : each,
  );
}

function widthOf(shown: readonly Column[]): number {
  return shown.reduce((sum, { width }) => sum + width, 0) + 2 * (shown.length - 1);
}
