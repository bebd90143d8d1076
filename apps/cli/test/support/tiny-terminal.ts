import { textWidth } from "../../src/output/text-width.ts";

/** Enough of a terminal to see what a person would see: rows of text, a cursor, wrapping, and reflow on resize. */
export interface TinyTerminal {
  readonly isTTY: true;
  columns: number;
  rows: number;
  write(text: string): boolean;
  on(event: "resize", listener: () => void): void;
  off(event: "resize", listener: () => void): void;
  /** Changes the width as terminals do that wrap long lines anew, and tells it. */
  resize(columns: number): void;
  /** Non-empty rows, from the first on, those that scrolled away included. */
  readonly screen: readonly string[];
}

interface Row {
  text: string;
  /** It goes on in the next row. */
  wrapped: boolean;
}

const sequences = new RegExp(String.raw`\u001B\[(\d*)([A-Z])|(\n|\r)|(.)`, "gsu");

/** Makes one with a cursor at the top. */
export function createTinyTerminal(columns: number, rows: number): TinyTerminal {
  let lines: Row[] = [{ text: "", wrapped: false }];
  let row = 0;
  let column = 0;
  const listeners = new Set<() => void>();

  const at = (index: number): Row => {
    while (lines.length <= index) lines.push({ text: "", wrapped: false });
    return lines[index] as Row;
  };
  const put = (character: string): void => {
    const width = textWidth(character);
    if (column + width > terminal.columns) {
      at(row).wrapped = true;
      row += 1;
      column = 0;
    }
    const line = at(row);
    const padded = line.text.padEnd(column);
    line.text = padded.slice(0, column) + character + padded.slice(column + 1);
    column += width;
  };
  const control = (digits: string, letter: string): void => {
    if (letter === "A") row = Math.max(0, row - Number(digits || 1));
    if (letter === "K" || letter === "J") {
      at(row).text = at(row).text.slice(0, column);
      at(row).wrapped = false;
    }
    if (letter === "J") lines.length = row + 1;
  };
  const terminal: TinyTerminal = {
    isTTY: true,
    columns,
    rows,
    write(text) {
      for (const [, digits, letter, newline, character] of text.matchAll(sequences)) {
        if (letter !== undefined) control(digits ?? "", letter);
        else if (newline === "\n") [row, column] = [row + 1, 0];
        else if (newline === "\r") column = 0;
        else if (character !== undefined) put(character);
      }
      at(row);
      return true;
    },
    on: (_event, listener) => listeners.add(listener),
    off: (_event, listener) => listeners.delete(listener),
    resize(width) {
      const whole: string[] = [];
      let cursor = 0;
      let open = false;
      for (const [index, line] of lines.entries()) {
        if (open) whole[whole.length - 1] += line.text;
        else whole.push(line.text);
        open = line.wrapped;
        if (index === row) cursor = whole.length - 1;
      }
      lines = [];
      for (const [index, text] of whole.entries()) {
        const parts = text.match(new RegExp(`.{1,${width}}`, "gsu")) ?? [""];
        for (const [part, piece] of parts.entries()) lines.push({ text: piece, wrapped: part < parts.length - 1 });
        if (index === cursor) row = lines.length - 1;
      }
      column = 0;
      terminal.columns = width;
      for (const listener of listeners) listener();
    },
    get screen() {
      return lines.map(({ text }) => text.trimEnd()).filter((text) => text !== "");
    },
  };
  return terminal;
}
