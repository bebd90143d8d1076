import { eastAsianWidth } from "get-east-asian-width";

const segmenter = new Intl.Segmenter();
const combining = /^\p{Mark}/u;

/** Returns the columns that a text occupies on a terminal. The text must be {@link printable}. */
export function textWidth(text: string): number {
  let width = 0;
  for (const { segment } of segmenter.segment(text)) width += graphemeWidth(segment);
  return width;
}

/** Shortens a text to a number of columns by leaving out its middle, so that a file name keeps its extension. */
export function fitMiddle(text: string, columns: number, ellipsis = "…"): string {
  if (textWidth(text) <= columns) return text;
  const room = columns - ellipsis.length;
  if (room <= 0) return ellipsis.slice(0, Math.max(0, columns));
  const graphemes = [...segmenter.segment(text)].map(({ segment }) => segment);
  const tail = take(graphemes.toReversed(), Math.floor(room / 2))
    .toReversed()
    .join("");
  const head = take(graphemes, room - textWidth(tail)).join("");
  return head + ellipsis + tail;
}

/** Pads a text with spaces. */
export function padEnd(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - textWidth(text)));
}

function take(graphemes: readonly string[], columns: number): string[] {
  const fitting: string[] = [];
  let width = 0;
  for (const grapheme of graphemes) {
    width += graphemeWidth(grapheme);
    if (width > columns) break;
    fitting.push(grapheme);
  }
  return fitting;
}

function graphemeWidth(grapheme: string): number {
  if (combining.test(grapheme)) return 0;
  return eastAsianWidth(grapheme.codePointAt(0) ?? 0x20);
}
