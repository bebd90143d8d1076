import { printable } from "./printable.ts";
import type { Screen } from "./screen.ts";
import { showStatus } from "./status.ts";
import { padEnd, textWidth } from "./text-width.ts";

/** A column of a listing. The last one is as wide as its text. */
export interface Column {
  readonly title: string;
  /** Longer texts make their own row wider; nothing is cut off. */
  readonly width: number;
  readonly align?: "right";
}

/** Formats a row. Columns have a fixed width, so that rows can be written as they arrive. */
export function listingRow(columns: readonly Column[], cells: readonly string[]): string {
  const parts = columns.map(({ width, align }, index) => {
    const cell = cells[index] ?? "";
    if (align === "right") return " ".repeat(Math.max(0, width - textWidth(cell))) + cell;
    return index === columns.length - 1 ? cell : padEnd(cell, width);
  });
  return parts.join("  ").trimEnd();
}

/** Formats the header. */
export function listingHead(columns: readonly Column[]): string {
  return listingRow(
    columns,
    columns.map(({ title }) => title),
  );
}

/** Rows that arrive one after the other. */
export interface Listing<T> {
  readonly columns: readonly Column[];
  /** What to say where there is none; nothing where it is absent. */
  readonly none?: string;
  readonly entries: AsyncIterable<T>;
  /** The progress, such as `1200 of 2000 items`. */
  readonly progress?: () => string | undefined;
  cells(entry: T): readonly string[];
}

/** Writes a listing as it arrives: as columns, or as JSON, one object per line. */
export async function writeListing<T extends object>(
  listing: Listing<T>,
  options: { readonly json?: boolean },
  { screen, signal }: { readonly screen: Screen; readonly signal: AbortSignal },
): Promise<void> {
  using status = showStatus(screen, () => listing.progress?.());
  let count = 0;
  for await (const entry of listing.entries) {
    signal.throwIfAborted();
    if (options.json) {
      screen.printJson(entry);
    } else {
      if (count === 0) screen.print(screen.paint("bold", listingHead(listing.columns)));
      screen.print(listingRow(listing.columns, listing.cells(entry).map(printable)));
    }
    count += 1;
  }
  status[Symbol.dispose]();
  if (count === 0 && !options.json && listing.none !== undefined) screen.note(listing.none);
}
