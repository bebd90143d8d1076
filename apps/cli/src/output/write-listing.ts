import type { Run } from "../run-command.ts";
import { listingHead, listingRow } from "./listing.ts";
import type { Column } from "./listing.ts";
import { printable } from "./printable.ts";
import { paint } from "./style.ts";

/** Rows that come one after the other. */
export interface Listing<T> {
  readonly columns: readonly Column[];
  /** What is said where there is none. */
  readonly none: string;
  readonly entries: AsyncIterable<T>;
  cells(entry: T): readonly string[];
}

/** Writes a listing as it comes: as columns, or as one JSON object a line. */
export async function writeListing<T>(
  listing: Listing<T>,
  options: { readonly json?: boolean },
  { screen, signal }: Run,
): Promise<void> {
  let count = 0;
  for await (const entry of listing.entries) {
    signal.throwIfAborted();
    if (options.json) {
      screen.print(JSON.stringify(entry));
    } else {
      if (count === 0) screen.print(paint(screen.stdout, "bold", listingHead(listing.columns)));
      screen.print(listingRow(listing.columns, listing.cells(entry).map(printable)));
    }
    count += 1;
  }
  if (count === 0 && !options.json) screen.note(listing.none);
}
