import { listingHead, listingRow } from "./listing.ts";
import type { Column } from "./listing.ts";
import { printable } from "./printable.ts";
import type { Screen } from "./screen.ts";
import { showStatus } from "./show-status.ts";

/** Rows that come one after the other. */
export interface Listing<T> {
  readonly columns: readonly Column[];
  /** What is said where there is none. */
  readonly none: string;
  readonly entries: AsyncIterable<T>;
  /** How far it is, such as `1200 of 2000 items`. */
  readonly progress?: () => string | undefined;
  cells(entry: T): readonly string[];
}

/** Writes a listing as it comes: as columns, or as one JSON object a line. */
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
  if (count === 0 && !options.json) screen.note(listing.none);
}
