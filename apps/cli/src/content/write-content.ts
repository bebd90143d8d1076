import { performance } from "node:perf_hooks";
import { Transform } from "node:stream";
import type { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { CarrelError, IntegrityError } from "@carrel/core";
import { formatPart } from "../output/format.ts";
import { printable } from "../output/printable.ts";
import { CliError, exitCodeOf, usageError } from "../process/cli-error.ts";
import { InterruptedError } from "../process/signals.ts";
import type { Run } from "../run/run-command.ts";
import { terminalText } from "./terminal-text.ts";

/** A file on its way to standard output. */
export interface Content {
  readonly name: string;
  /** As commands take it. */
  readonly path: string;
  readonly stream: Readable;
  readonly received: () => { readonly receivedBytes: number; readonly totalBytes: number | undefined };
  /** Called with each piece that is written. */
  readonly onBytes?: () => void;
}

/**
 * Writes the bytes of a file to standard output, below a bar. On a terminal only text is shown, without control characters.
 * @param isForced - Writes to a terminal what there is, too.
 */
export async function writeContent(
  { name, path, stream, received, onBytes }: Content,
  { isForced = false }: { readonly isForced?: boolean },
  run: Run,
): Promise<void> {
  const { screen, signal } = run;
  const startedAt = performance.now();
  const isShown = screen.stdout.isTTY;
  const rate = (bytes: number): number => (bytes * 1000) / Math.max(performance.now() - startedAt, 1);
  // A bar would be drawn over what is shown.
  using bars = isShown
    ? undefined
    : screen.showBars(() => {
        // Members of a stream are getters of its class, which a spread leaves out.
        const { receivedBytes, totalBytes } = received();
        return [{ label: printable(name), receivedBytes, totalBytes, bytesPerSecond: rate(receivedBytes) }];
      });
  signal.addEventListener("abort", () => bars?.[Symbol.dispose](), { once: true });
  const stdout = screen.stdout as Writable;
  const options = { end: false, signal };
  try {
    if (isShown && !isForced) {
      const text = (blocks: AsyncIterable<Uint8Array>): AsyncGenerator<string> =>
        terminalText(blocks, () => notText(name, path));
      await pipeline(stream, text, stdout, options);
    } else {
      const watched = new Transform({
        transform: (chunk: Uint8Array, _encoding, done) => {
          onBytes?.();
          done(undefined, chunk);
        },
      });
      await pipeline(stream, watched, stdout, options);
    }
  } catch (error) {
    const bytes = received();
    if (signal.reason instanceof InterruptedError && bytes.receivedBytes > 0) {
      const part = `${formatPart(bytes)} of "${name}" went to standard output: do not use the output.`;
      run.atEnd(() => screen.note(`${printable(part)} The same command begins again.`));
    }
    throw error instanceof CarrelError && !signal.aborted ? spoiled(error) : error;
  }
}

function notText(name: string, path: string): Error {
  return usageError(
    `Cannot show "${printable(name)}" on a terminal: it is not text in UTF-8`,
    `To write it to a file: carrel cat "${printable(path)}" > NAME`,
    "To write it to the terminal as it is: carrel cat --force",
  );
}

/** A failure after which the output must not be used. Advice about files on disk would be untrue here. */
function spoiled(error: CarrelError): Error {
  if (error.code !== "INTEGRITY" && error.code !== "TRANSFER" && error.code !== "SESSION_LOST") return error;
  return new CliError(error.message, { exitCode: exitCodeOf(error.code), hints: hintsFor(error), cause: error });
}

function hintsFor(error: CarrelError): readonly string[] {
  const problem = error instanceof IntegrityError ? error.problem : undefined;
  if (problem === "unverifiable") {
    return ["It was written to standard output nevertheless: do not use the output."];
  }
  const unusable = "The output is not the whole file, or not the right one: do not use it.";
  if (problem !== "manifest") return [unusable];
  return [
    "Downloading again does not help: have the manifest corrected on the server.",
    "To have the difference reported only: --manifest report",
  ];
}
