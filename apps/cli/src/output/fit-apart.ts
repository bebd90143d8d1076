import { fitMiddle, textWidth } from "./text-width.ts";

const segmenter = new Intl.Segmenter();

/** What is kept of the end of a name, mostly its extension. */
const tailLength = 4;
/** The most graphemes of a word before the difference. */
const maxBack = 6;
/** How often names that still look alike are told apart by a later difference. */
const maxDepth = 4;

/**
 * Shortens texts to a number of columns. Where several would look alike, because they differ in the part that is left out, that
 * part is shown and others are left out.
 */
export function fitApart(texts: readonly string[], columns: number, ellipsis: string): readonly string[] {
  const fitted = texts.map((text) => fitMiddle(text, columns, ellipsis));
  return tellApart(texts, fitted, { columns, ellipsis, depth: 0 });
}

interface Fitting {
  readonly columns: number;
  readonly ellipsis: string;
  readonly depth: number;
}

function tellApart(texts: readonly string[], fitted: readonly string[], fitting: Fitting): readonly string[] {
  if (fitting.depth >= maxDepth) return fitted;
  const result = [...fitted];
  const indices = fitted.map((_, index) => index);
  for (const alike of Map.groupBy(indices, (index) => fitted[index] ?? "").values()) {
    const names = alike.map((index) => texts[index] ?? "");
    if (new Set(names).size < 2) continue;
    const from = commonLength(names);
    const apart = names.map((name) => fitFrom(name, from, fitting));
    const settled = tellApart(names, apart, { ...fitting, depth: fitting.depth + 1 });
    // One that is distinct here may look like one of another group now: nothing is lost by that.
    alike.forEach((index, place) => (result[index] = settled[place] ?? ""));
  }
  return result;
}

/** Shows the first grapheme, the word in which texts begin to differ at a position, what follows it, and the end. */
function fitFrom(text: string, difference: number, { columns, ellipsis }: Fitting): string {
  const all = graphemes(text);
  let from = difference;
  while (from > Math.max(0, difference - maxBack) && isOfWord(all[from - 1])) from -= 1;
  if (from <= 1 + ellipsis.length) from = 0;
  const head = from === 0 ? "" : `${all[0] ?? ""}${ellipsis}`;
  const tail = all.slice(Math.max(from, all.length - tailLength)).join("");
  const room = columns - textWidth(head) - textWidth(tail) - ellipsis.length;
  // Too narrow for all of it: the difference matters most.
  if (room < 2 + difference - from) return fitStart(all.slice(difference).join(""), columns, ellipsis);
  const middle = takeWhileFits(all.slice(from, Math.max(from, all.length - tailLength)), room);
  return `${head}${middle.text}${middle.isAll ? "" : ellipsis}${tail}`;
}

function isOfWord(grapheme: string | undefined): boolean {
  return grapheme !== undefined && /^[\p{L}\p{N}]/u.test(grapheme);
}

function fitStart(text: string, columns: number, ellipsis: string): string {
  const room = columns - ellipsis.length;
  return room <= 0 ? fitMiddle(text, columns, ellipsis) : ellipsis + takeWhileFits(graphemes(text), room).text;
}

function takeWhileFits(parts: readonly string[], columns: number): { readonly text: string; readonly isAll: boolean } {
  let text = "";
  for (const part of parts) {
    if (textWidth(text + part) > columns) return { text, isAll: false };
    text += part;
  }
  return { text, isAll: true };
}

/** How many graphemes texts have in common at their beginning. */
function commonLength(texts: readonly string[]): number {
  const [first = [], ...others] = texts.map(graphemes);
  let length = 0;
  while (length < first.length && others.every((other) => other[length] === first[length])) length += 1;
  return length;
}

function graphemes(text: string): readonly string[] {
  return [...segmenter.segment(text)].map(({ segment }) => segment);
}
