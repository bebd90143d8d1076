import process from "node:process";
import { createInterface } from "node:readline/promises";
import { usageError } from "./cli-error.ts";

/**
 * Asks a question that `y` or `yes` affirms; everything else does not.
 * @param otherwise - What to give where nobody can be asked, such as `--yes`.
 * @throws {@link CliError} exit code 2: standard input is no terminal.
 */
export async function confirm(question: string, otherwise: string, signal: AbortSignal): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw usageError("There is nobody to ask: standard input is not a terminal.", `Give ${otherwise}.`);
  }
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  // The interface takes Ctrl-C for itself while it reads.
  lines.on("SIGINT", () => process.kill(process.pid, "SIGINT"));
  try {
    const answer = await lines.question(`${question} [y/N] `, { signal });
    return /^\s*y(?:es)?\s*$/iu.test(answer);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    lines.close();
  }
}
