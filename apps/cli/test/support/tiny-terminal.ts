import { textWidth } from "../../src/output/text-width.ts";

/** Enough of a terminal to see what a person would see: rows of text, a history, a cursor, wrapping, and resizes. */
export interface TinyTerminal {
  readonly isTTY: true;
  columns: number;
  rows: number;
  write(text: string): boolean;
  on(event: "resize", listener: () => void): void;
  off(event: "resize", listener: () => void): void;
  /** Changes the width, of which the program does not know yet. */
  resize(columns: number): void;
  /** Tells the program of the width. */
  tell(): void;
  /** Non-empty rows, from the first on, those that scrolled away included. */
  readonly screen: readonly string[];
}

/**
 * What becomes of rows that are too long when a terminal is made narrower.
 *
 * - `cuts`: they are cut off. So does xterm.
 * - `wraps`: they are wrapped, and the cursor keeps its place in the text. What has no room on the screen any more goes into
 *   the history, from the top, although there may be empty rows at the bottom. So do tmux and VTE.
 */
export type Resizing = "cuts" | "wraps";

interface Row {
  text: string;
  /** It goes on in the next row. */
  wrapped: boolean;
}

const sequences = new RegExp(String.raw`\u001B\[(\??\d*)([A-Za-z])|(\n|\r)|(.)`, "gsu");

/** Makes one with a cursor at the top. */
export function createTinyTerminal(columns: number, rows: number, resizing: Resizing = "wraps"): TinyTerminal {
  const empty = (): Row => ({ text: "", wrapped: false });
  let lines: Row[] = Array.from({ length: rows }, empty);
  let [row, column, width, autowrap] = [0, 0, columns, true];
  const listeners = new Set<() => void>();
  const at = (index: number): Row => lines[index] as Row;

  const lineFeed = (): void => {
    row += 1;
    if (row === lines.length) lines.push(empty());
  };
  const put = (character: string): void => {
    const taken = textWidth(character);
    if (column + taken > width && autowrap) {
      at(row).wrapped = true;
      lineFeed();
      column = 0;
    }
    column = Math.min(column, width - taken);
    const { text } = at(row);
    at(row).text = text.padEnd(column).slice(0, column) + character + text.slice(column + 1);
    column += taken;
  };
  const control = (parameter: string, letter: string): void => {
    if (parameter === "?7") autowrap = letter === "h";
    if (letter === "A") row = Math.max(lines.length - rows, row - Number(parameter || 1));
    if (letter === "C") column = Math.min(width - 1, column + Number(parameter || 1));
    if (letter === "K" || letter === "J") {
      lines[row] = { text: at(row).text.slice(0, column), wrapped: column > 0 && at(row).wrapped };
    }
    if (letter === "J") lines = lines.map((line, index) => (index > row ? empty() : line));
  };
  const wrapAnew = (): void => {
    const paragraphs: { text: string; readonly first: number }[] = [];
    for (const [index, { text }] of lines.entries()) {
      const last = paragraphs.at(-1);
      if (last && at(index - 1).wrapped) last.text += text;
      else paragraphs.push({ text, first: index });
    }
    const withCursor = paragraphs.findLast(({ first }) => first <= row);
    const after: Row[] = [];
    let place = 0;
    for (const paragraph of paragraphs) {
      const { text } = paragraph;
      if (paragraph === withCursor) place = after.length;
      const pieces = text.match(new RegExp(`.{1,${width}}`, "gsu")) ?? [""];
      after.push(...pieces.map((piece, index) => ({ text: piece, wrapped: index < pieces.length - 1 })));
    }
    row = place;
    while (after.length < rows) after.push(empty());
    lines = after;
    row = Math.max(lines.length - rows, row);
  };
  const terminal: TinyTerminal = {
    isTTY: true,
    columns,
    rows,
    write(text) {
      for (const [, parameter, letter, newline, character] of text.matchAll(sequences)) {
        if (letter !== undefined) control(parameter ?? "", letter);
        else if (newline !== undefined) {
          if (newline === "\n") lineFeed();
          column = 0;
        } else if (character !== undefined) put(character);
      }
      return true;
    },
    on: (_event, listener) => listeners.add(listener),
    off: (_event, listener) => listeners.delete(listener),
    resize(wanted) {
      width = wanted;
      column = Math.min(column, width - 1);
      if (resizing === "cuts") lines = lines.map(({ text }) => ({ text: text.slice(0, width), wrapped: false }));
      else wrapAnew();
    },
    tell() {
      terminal.columns = width;
      for (const listener of listeners) listener();
    },
    get screen() {
      return lines.map(({ text }) => text.trimEnd()).filter((text) => text !== "");
    },
  };
  return terminal;
}
