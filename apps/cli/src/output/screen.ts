import process from "node:process";
import type { Environment, ProgramIo } from "../process/program-io.ts";
import { jsonLine, printable, printableStyled } from "./printable.ts";
import { layOutRows } from "./progress-row.ts";
import type { ProgressRow } from "./progress-row.ts";
import { barGlyphs, columnsOf, paint } from "./terminal.ts";
import type { Format } from "./terminal.ts";

const frameMs = 100;
const resizingMs = 2_000;
const resizingColumns = 40;

/** Where a command writes. Lines that stay and bars that move do not get into each other's way. */
export interface Screen {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  /** Colours a part of a line of results: only on a terminal, and not where `NO_COLOR` is set. */
  paint(format: Format, text: string): string;
  /** Writes a line of results to standard output. Like all that is written here, it stays one line, whatever is in it. */
  print(line: string): void;
  /** Writes a line of results for programs. */
  printJson(value: object): void;
  /** Writes a line of remarks to standard error. */
  note(line: string): void;
  /**
   * Draws rows with bars below everything, as many as there is room for, anew every 100 ms, until disposed or the process
   * exits. Only where standard error is a terminal; standard output is the same one, or none. Keeps no process alive.
   */
  showBars(rows: () => readonly ProgressRow[]): Disposable;
}

interface Live extends Disposable {
  /** What puts a text above the bars. */
  above(text: string): string;
}

/** The screen of a process. */
export function createScreen({ stdout, stderr, env }: Pick<ProgramIo, "stdout" | "stderr" | "env">): Screen {
  let live: Live | undefined;
  const put = (stream: NodeJS.WriteStream, text: string): void => {
    stream.write(live && stream.isTTY ? live.above(`${text}\n`) : `${text}\n`);
  };
  return {
    stdout,
    stderr,
    paint: (format, text) => paint(stdout, env, format, text),
    print: (line) => put(stdout, printableStyled(line)),
    printJson: (value) => put(stdout, jsonLine(value)),
    note: (line) => put(stderr, printable(line)),
    showBars(rows) {
      if (!stderr.isTTY) return { [Symbol.dispose]: () => undefined };
      const started = startLive(stderr, env, rows);
      live = started;
      return {
        [Symbol.dispose]() {
          if (live !== started) return;
          live = undefined;
          started[Symbol.dispose]();
        },
      };
    },
  };
}

function startLive(terminal: NodeJS.WriteStream, env: Environment, rows: () => readonly ProgressRow[]): Live {
  const glyphs = barGlyphs(env);
  let resizedAtMs = Number.NEGATIVE_INFINITY;
  const frame = (): string => {
    const isResizing = performance.now() - resizedAtMs < resizingMs;
    const columns = columnsOf(terminal, env);
    // Who drags the edge of a window goes on: rows that are short enough for the next widths too are not wrapped by them.
    const room = isResizing ? Math.min(resizingColumns, Math.floor(columns / 2)) : columns;
    return drawLines(layOutRows(rows().slice(0, Math.max(1, terminal.rows - 2)), room, glyphs));
  };
  const draw = (): void => void terminal.write(frame());
  const onResize = (): void => {
    resizedAtMs = performance.now();
    draw();
  };
  const erase = (): void => void terminal.write(eraseLines);
  const timer = setInterval(draw, frameMs);
  timer.unref();
  terminal.on("resize", onResize);
  process.on("exit", erase);
  draw();
  return {
    above: (text) => eraseLines + text + frame(),
    [Symbol.dispose]() {
      clearInterval(timer);
      terminal.off("resize", onResize);
      process.off("exit", erase);
      erase();
    },
  };
}

/**
 * What draws lines on a terminal, over those that were drawn before, and leaves the cursor where it was: at the start of the
 * first of them. So nothing has to be known of what a resize has made of them. Nothing is cleared first, so nothing flickers.
 * Lines are to be narrower than the terminal. Where they are not, for it was made narrower and nobody told yet, they are cut.
 */
export function drawLines(lines: readonly string[]): string {
  if (lines.length === 0) return eraseLines;
  const rows = lines.map((line) => `${line}\u001B[K`).join("\n");
  const up = lines.length > 1 ? `\u001B[${lines.length - 1}A` : "";
  // Without the terminal's wrapping, which is on again at the end, whatever may become of this process.
  return `\r\u001B[?7l${rows}\u001B[J\u001B[?7h\r${up}`;
}

/**
 * What takes lines away that were drawn. The next text goes where they were. In two steps, for some terminals keep a copy of
 * a screen that is erased from its very first column on.
 */
export const eraseLines = "\r\u001B[K\u001B[C\u001B[J\r";
