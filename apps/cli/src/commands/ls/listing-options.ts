import type { Column } from "../../output/listing.ts";

/** What a listing shows. */
export interface ListingOptions {
  /** More, such as ids. */
  readonly long: boolean;
  readonly signal: AbortSignal;
}

/** A column for identifiers. */
export const idColumn: Column = { title: "ID", width: 36 };

/** For a column that says whether something is on the server's disk. */
export function yesNo(value: boolean): string {
  return value ? "yes" : "no";
}
