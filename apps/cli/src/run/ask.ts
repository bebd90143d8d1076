import { createInterface } from "node:readline/promises";
import { addAbortSignal, Writable } from "node:stream";
import { printable } from "../output/printable.ts";
import { usageError } from "../process/cli-error.ts";
import type { ProgramIo } from "../process/program-io.ts";
import type { Run } from "./run-command.ts";

const lineLimit = 65_536;

/** Whether a question can be asked at a terminal. */
export function canAsk({ stdin }: ProgramIo): boolean {
  return stdin.isTTY;
}

/**
 * Asks a question, which `y` or `yes` affirms and everything else does not.
 * @param otherwise - The flag for use without a terminal, such as `--yes`.
 * @throws {@link CliError} exit code 2: standard input is not a terminal.
 */
export async function confirm(question: string, otherwise: string, run: Pick<Run, "io" | "signal">): Promise<boolean> {
  if (!canAsk(run.io)) {
    throw usageError("Cannot ask for confirmation: standard input is not a terminal", `Pass ${otherwise} to proceed.`);
  }
  const answer = await ask(`${printable(question)} [y/N] `, run.io.stderr, run);
  return /^\s*y(?:es)?\s*$/iu.test(answer ?? "");
}

/**
 * Asks for a secret without showing it. Standard input must be a terminal.
 * @throws {@link CliError} exit code 2: none was typed, but Ctrl-D.
 */
export async function askSecret(question: string, run: Pick<Run, "io" | "signal">): Promise<string> {
  const { stderr } = run.io;
  // The terminal is in raw mode while readline reads, and shows only what readline echoes: here, only the end of the line.
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (/^\r?\n$/u.test(chunk.toString())) stderr.write("\n");
      done();
    },
  });
  // Shown once nothing is echoed any more, because some people type before they can have read it.
  const secret = await ask("", output, run, () => stderr.write(printable(question)));
  if (secret === undefined) throw usageError("No password given", "Type it at the prompt.");
  return secret;
}

/**
 * Reads the first line of standard input.
 * @throws {@link CliError} exit code 2: it does not end.
 */
export async function readLine({ io, signal }: Pick<Run, "io" | "signal">): Promise<string> {
  let text = "";
  try {
    for await (const chunk of addAbortSignal(signal, io.stdin.setEncoding("utf8")) as AsyncIterable<string>) {
      text += chunk;
      if (text.includes("\n")) break;
      if (text.length > lineLimit)
        throw usageError(`Standard input has no line break in its first ${lineLimit} characters`);
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
  // Some shells put a byte order mark before what they pipe.
  return text.replace(/^\uFEFF/u, "").replace(/\r?\n.*$/su, "");
}

/**
 * Reads the answer; `undefined` after Ctrl-D.
 * @param onRaw - Called once the terminal echoes nothing by itself any more.
 */
async function ask(
  question: string,
  output: Writable,
  { io, signal }: Pick<Run, "io" | "signal">,
  onRaw?: () => void,
): Promise<string | undefined> {
  const lines = createInterface({ input: io.stdin, output, terminal: true, historySize: 0 });
  // In raw mode Ctrl-C is a key like others.
  lines.on("SIGINT", () => io.interrupt());
  onRaw?.();
  try {
    return await lines.question(question, { signal });
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof Error && error.name === "AbortError")) throw error;
    output.write("\n");
    return undefined;
  } finally {
    lines.close();
  }
}
