import process from "node:process";
import type { Environment, ProgramIo } from "../process/program-io.ts";
import { jsonLine, printable, printableStyled } from "./printable.ts";
import { layOutRows } from "./progress-row.ts";
import type { ProgressRow } from "./progress-row.ts";
import { barGlyphs, columnsOf, paint } from "./terminal.ts";
import type { Format } from "./terminal.ts";
import { wrapMessage } from "./wrap.ts";

const frameMs = 100;
const resizingMs = 2_000;
const resizingColumns = 40;

/** Bars that are being drawn. */
interface Live extends Disposable {
  /** Returns what puts a text above the bars. */
  above(text: string): string;
}

/** Where a command writes. Keeps lines that stay and bars that move apart, and each line one line, whatever is in it. */
export class Screen {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly #env: Environment;
  #live: Live | undefined;
  /** Receives each line, also those that are not shown. */
  log: ((line: string) => void) | undefined;
  /** Shows remarks and reports to the log alone. */
  isQuiet = false;
  /** Whether results are what was asked for, and shown anyway. */
  hasAnswers = false;

  constructor({ stdout, stderr, env }: Pick<ProgramIo, "stdout" | "stderr" | "env">) {
    this.stdout = stdout;
    this.stderr = stderr;
    this.#env = env;
  }

  /** Colours a part of a line of results: only on a terminal, and not where `NO_COLOR` is set. */
  paint(format: Format, text: string): string {
    return paint(this.stdout, this.#env, format, text);
  }

  /** Writes a line of results to standard output. */
  print(line: string): void {
    this.log?.(line);
    if (!this.isQuiet || this.hasAnswers) this.#write(this.stdout, printableStyled(line));
  }

  /** Writes a sentence of results to standard output; on a terminal in lines that fit it. */
  printSentence(sentence: string): void {
    this.log?.(sentence);
    if (!this.isQuiet || this.hasAnswers) this.#write(this.stdout, this.fit(printableStyled(sentence)).join("\n"));
  }

  /** Writes a line of results that is bad news, also where only failures are shown. */
  printFailure(line: string): void {
    this.log?.(line);
    this.#write(this.stdout, printableStyled(line));
  }

  /** Writes a result as a line of JSON to standard output. */
  printJson(value: object): void {
    this.#write(this.stdout, jsonLine(value));
  }

  /** Writes a result that ends with a NUL character, for other programs: unchanged, but on a terminal. */
  printNull(text: string): void {
    this.stdout.write(`${this.stdout.isTTY ? printable(text) : text}\0`);
  }

  /** Writes a remark that no one needs to act on to standard error. */
  remark(line: string): void {
    if (this.isQuiet) this.log?.(line);
    else this.note(line);
  }

  /** Whether lines on the progress are written: bars show it on a terminal. */
  get hasProgressLines(): boolean {
    return this.log !== undefined || (!this.stderr.isTTY && !this.isQuiet);
  }

  /** Writes a line on the progress: not on a terminal. */
  reportProgress(line: string): void {
    if (this.stderr.isTTY) this.log?.(line);
    else this.remark(line);
  }

  /** Breaks a line of results between words where standard output is a terminal that is too narrow for it. */
  fit(line: string, indent?: string): readonly string[] {
    return this.stdout.isTTY ? wrapMessage(line, columnsOf(this.stdout, this.#env), indent) : [line];
  }

  /** Writes a warning or a failure to standard error; on a terminal in lines that fit it. */
  note(line: string): void {
    this.log?.(line);
    this.#write(this.stderr, messageFor(this.stderr, this.#env, line));
  }

  /**
   * Draws rows with bars below everything else, as many as there is room for, every 100 ms, until disposed or the process
   * exits. Only where standard error is a terminal. Does not keep the process alive.
   */
  showBars(rows: () => readonly ProgressRow[]): Disposable {
    if (!this.stderr.isTTY || this.isQuiet) return { [Symbol.dispose]: () => undefined };
    // Elsewhere is a program that may write to the same terminal, such as "tee" or, when it ends, "wc".
    const live = startLive(this.stderr, this.#env, { rows, hasFreeRow: !this.stdout.isTTY });
    this.#live = live;
    return {
      [Symbol.dispose]: () => {
        if (this.#live !== live) return;
        this.#live = undefined;
        live[Symbol.dispose]();
      },
    };
  }

  // Where both are terminals they are the same one.
  #write(stream: NodeJS.WriteStream, text: string): void {
    stream.write(this.#live && stream.isTTY ? this.#live.above(`${text}\n`) : `${text}\n`);
  }
}

/** Makes a message safe to show, in lines that fit where that is a terminal. Elsewhere a message is one line. */
export function messageFor(stream: NodeJS.WriteStream, env: Environment, message: string): string {
  const text = printable(message);
  return stream.isTTY ? wrapMessage(text, columnsOf(stream, env)).join("\n") : text;
}

interface Bars {
  readonly rows: () => readonly ProgressRow[];
  /** Keeps a free row above the bars: what others write goes there, and the next frame is drawn below it. */
  readonly hasFreeRow: boolean;
}

function startLive(terminal: NodeJS.WriteStream, env: Environment, { rows, hasFreeRow }: Bars): Live {
  const glyphs = barGlyphs(env);
  let resizedAtMs = Number.NEGATIVE_INFINITY;
  const frame = (): string => {
    const isResizing = performance.now() - resizedAtMs < resizingMs;
    const columns = columnsOf(terminal, env);
    // A window is resized in many steps: rows that are short enough for the next widths too are not wrapped by them.
    const room = isResizing ? Math.min(resizingColumns, Math.floor(columns / 2)) : columns;
    const free = hasFreeRow ? [""] : [];
    const shown = layOutRows(rows().slice(0, Math.max(1, terminal.rows - 2 - free.length)), room, glyphs);
    return drawLines(shown.length === 0 ? shown : [...free, ...shown]);
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
 * Returns what draws lines on a terminal over the lines before, and leaves the cursor where it was: at the start of the first
 * line. So it does not matter what a resize has made of the lines before. Nothing is cleared first, so nothing flickers.
 * Lines must be narrower than the terminal. Where it has just been made narrower, they are cut.
 */
export function drawLines(lines: readonly string[]): string {
  if (lines.length === 0) return eraseLines;
  const rows = lines.map((line) => `${line}\u001B[K`).join("\n");
  const up = lines.length > 1 ? `\u001B[${lines.length - 1}A` : "";
  // Wrapping is switched off and on again in one write, so that it stays on whatever becomes of this process.
  return `\r\u001B[?7l${rows}\u001B[J\u001B[?7h\r${up}`;
}

/**
 * Erases the lines that were drawn; the next text goes where they were. In two steps, because some terminals keep a copy of a
 * screen that is erased from its very first column on.
 */
export const eraseLines = "\r\u001B[K\u001B[C\u001B[J\r";
