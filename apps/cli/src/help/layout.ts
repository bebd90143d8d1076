import { padEnd, textWidth } from "../output/text-width.ts";
import { wrap } from "../output/wrap.ts";

/** A term and what it means, or a command and what it does; a line without a text stands as it is. */
export interface Entry {
  readonly term: string;
  readonly text?: string | undefined;
}

/** A part of a help text. */
export type Block =
  | { readonly kind: "heading"; readonly text: string }
  | { readonly kind: "paragraph"; readonly text: string }
  | { readonly kind: "entries"; readonly entries: readonly Entry[] };

const indent = "  ";
/** The indentation of a text that has no room beside its term. */
const below = "      ";
const gap = 2;
/** With fewer columns a text is easier to read below its term. */
const leastTextColumns = 24;
/** Longer lines are hard to read. */
const mostColumns = 100;

/**
 * Reads a help text. A line that ends with a colon before an indented one is a heading; other lines that begin at the margin are
 * paragraphs; a line indented by two is an entry, whose term and text are two spaces or more apart; a line indented by more
 * continues the text of the entry before, or stands as it is where that has none.
 */
export function readBlocks(text: string): readonly Block[] {
  const blocks: Block[] = [];
  let paragraph: string[] = [];
  let entries: Entry[] = [];
  const flush = (): void => {
    if (paragraph.length > 0) blocks.push({ kind: "paragraph", text: paragraph.join(" ") });
    if (entries.length > 0) blocks.push({ kind: "entries", entries });
    paragraph = [];
    entries = [];
  };
  const lines = text.split("\n");
  for (const [index, line] of lines.entries()) {
    if (line.trim() === "") {
      flush();
    } else if (!line.startsWith(indent)) {
      if (entries.length > 0) flush();
      if (paragraph.length === 0 && line.endsWith(":") && lines[index + 1]?.startsWith(indent)) {
        blocks.push({ kind: "heading", text: line });
      } else {
        paragraph.push(line);
      }
    } else {
      if (paragraph.length > 0) flush();
      const last = entries.at(-1);
      if (line.startsWith(`${indent} `) && last?.text !== undefined) {
        entries.splice(-1, 1, { term: last.term, text: `${last.text} ${line.trim()}` });
      } else {
        entries.push(readEntry(line.slice(indent.length)));
      }
    }
  }
  flush();
  return blocks;
}

/** The text follows the last gap: a line of a crontab has gaps of its own. */
function readEntry(line: string): Entry {
  const [, term = line, text] = /^(.*\S)\s{2,}(\S.*)$/u.exec(line) ?? [];
  return text === undefined ? { term: line } : { term, text };
}

/** Lays blocks out in a number of columns. Terms are never broken, because many are commands to be copied. */
export function layOutBlocks(blocks: readonly Block[], columns: number): string {
  const room = Math.min(columns, mostColumns);
  const lines: string[] = [];
  for (const [index, block] of blocks.entries()) {
    if (index > 0 && blocks[index - 1]?.kind !== "heading") lines.push("");
    if (block.kind === "entries") lines.push(...layOutEntries(block.entries, room));
    else lines.push(...wrap(block.text, room));
  }
  return lines.join("\n");
}

function layOutEntries(entries: readonly Entry[], columns: number): readonly string[] {
  const most = columns - indent.length - gap - leastTextColumns;
  const widths = entries.filter(({ text }) => text !== undefined).map(({ term }) => textWidth(term));
  const widest = Math.max(0, ...widths.filter((width) => width <= most));
  return entries.flatMap(({ term, text }) => {
    if (text === undefined) return [indent + term];
    const beside = columns - indent.length - widest - gap;
    if (textWidth(term) > widest || beside < leastTextColumns) {
      return [indent + term, ...wrap(text, columns - below.length).map((line) => below + line)];
    }
    const [first = "", ...others] = wrap(text, beside);
    const margin = " ".repeat(indent.length + widest + gap);
    return [`${indent}${padEnd(term, widest)}${" ".repeat(gap)}${first}`, ...others.map((line) => margin + line)];
  });
}
