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
