import { textWidth } from "./text-width.ts";

/** A terminal to draw on. */
export interface LiveTerminal {
  readonly columns: number;
  readonly rows: number;
  write(text: string): unknown;
}

/** The lines at the bottom of a terminal that are drawn again and again. */
export interface LiveRegion {
  /** Replaces what is shown. In one write and without clearing first, so that nothing flickers. */
  draw(lines: readonly string[]): void;
  /** Takes the region away; the next text goes where it was. */
  clear(): void;
}

/** Makes a region that begins at the cursor, which is at the start of a line. Lines must be narrower than the terminal. */
export function createLiveRegion(terminal: LiveTerminal): LiveRegion {
  let shown: readonly string[] = [];

  // A terminal made narrower since has wrapped the lines that were drawn: count them as they stand now.
  const rowsShown = (): number =>
    shown.reduce((sum, line) => sum + Math.max(1, Math.ceil(textWidth(line) / terminal.columns)), 0);
  const up = (rows: number): string => (rows > 0 ? `\r\u001B[${rows}A` : "\r");

  return {
    draw(lines) {
      const fitting = lines.slice(0, Math.max(1, terminal.rows - 1));
      if (fitting.length === 0) return this.clear();
      const frame = fitting.map((line) => `${line}\u001B[K`).join("\n");
      // Back to the start of the row, where the ^C that a terminal echoes cannot wrap.
      terminal.write(`${up(rowsShown() - 1)}${frame}\u001B[J\r`);
      shown = fitting;
    },
    clear() {
      const rows = rowsShown();
      if (rows === 0) return;
      // Row by row: some terminals keep a copy of a screen that is erased from its first row on.
      const erased = Array.from({ length: rows }, () => "\u001B[K").join("\n");
      terminal.write(`${up(rows - 1)}${erased}${up(rows - 1)}`);
      shown = [];
    },
  };
}
