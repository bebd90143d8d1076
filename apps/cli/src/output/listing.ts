import { padEnd, textWidth } from "./text-width.ts";

/** A column of a listing. The last one is as wide as its text. */
export interface Column {
  readonly title: string;
  /** Longer texts make their own row wider, so that nothing is cut off. */
  readonly width: number;
  readonly align?: "right";
}

/** One row of a listing. Columns have a fixed width, so that rows can be written as they come. */
export function listingRow(columns: readonly Column[], cells: readonly string[]): string {
  const parts = columns.map(({ width, align }, index) => {
    const cell = cells[index] ?? "";
    if (align === "right") return " ".repeat(Math.max(0, width - textWidth(cell))) + cell;
    return index === columns.length - 1 ? cell : padEnd(cell, width);
  });
  return parts.join("  ").trimEnd();
}

/** The head of a listing. */
export function listingHead(columns: readonly Column[]): string {
  return listingRow(
    columns,
    columns.map(({ title }) => title),
  );
}
