import { columnsOf } from "./columns.ts";
import { createLiveRegion } from "./live-region.ts";
import { layOutRows } from "./progress-row.ts";
import type { ProgressRow } from "./progress-row.ts";
import { barGlyphs } from "./style.ts";

const FRAME_MS = 100;

/** Where a command writes. Lines that stay and bars that move do not get into each other's way. */
export interface Screen {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  /** Writes a line of results to standard output. */
  print(line: string): void;
  /** Writes remarks to standard error. */
  note(text: string): void;
  /**
   * Draws rows with bars below everything, anew every 100 ms, until disposed. Only where standard error is a terminal.
   * Keeps no process alive.
   */
  showBars(rows: (terminalRows: number) => readonly ProgressRow[]): Disposable;
}

interface Live extends Disposable {
  above(write: () => void): void;
}

/** The screen of a process. */
export function createScreen(stdout: NodeJS.WriteStream, stderr: NodeJS.WriteStream): Screen {
  let live: Live | undefined;
  const put = (stream: NodeJS.WriteStream, text: string): void => {
    const write = (): void => void stream.write(`${text}\n`);
    if (live) live.above(write);
    else write();
  };
  return {
    stdout,
    stderr,
    print: (line) => put(stdout, line),
    note: (text) => put(stderr, text),
    showBars(rows) {
      if (!stderr.isTTY) return { [Symbol.dispose]: () => undefined };
      const started = startLive(stderr, rows);
      live = started;
      return {
        [Symbol.dispose]() {
          started[Symbol.dispose]();
          if (live === started) live = undefined;
        },
      };
    },
  };
}

function startLive(terminal: NodeJS.WriteStream, rows: (terminalRows: number) => readonly ProgressRow[]): Live {
  const region = createLiveRegion({
    get columns() {
      return terminal.columns;
    },
    get rows() {
      return terminal.rows;
    },
    write: (text) => terminal.write(text),
  });
  const glyphs = barGlyphs();
  // One column stays free: a full last column wraps on some terminals.
  const draw = (): void => region.draw(layOutRows(rows(terminal.rows), columnsOf(terminal) - 1, glyphs));
  const timer = setInterval(draw, FRAME_MS);
  timer.unref();
  terminal.on("resize", draw);
  draw();
  return {
    above(write) {
      region.clear();
      write();
      draw();
    },
    [Symbol.dispose]() {
      clearInterval(timer);
      terminal.off("resize", draw);
      region.clear();
    },
  };
}
