import { fileURLToPath } from "node:url";
import { runShell } from "./run-shell.ts";
import type { ShellPlace } from "./run-shell.ts";
import type { Shell } from "./shell.ts";

const zshDriver = fileURLToPath(new URL("insert.zsh", import.meta.url));
// Of names that are not ASCII, a shell knows the letters.
const env = { LC_ALL: "C.UTF-8" };

/**
 * Types lines, each of which can be completed in one way only, with Tab and Enter into a shell. Fish, which needs a terminal for
 * that, says what it would insert, and runs it.
 */
export async function insertAndRun(
  shell: Shell,
  setup: string,
  lines: readonly string[],
  place: ShellPlace,
): Promise<void> {
  switch (shell.name) {
    case "bash": {
      const typed = [setup, ...lines.map((line) => `${line}\t`), "exit", ""].join("\n");
      await runShell(["bash", "--noprofile", "--norc", "-i"], place, { env, typed });
      return;
    }
    case "zsh":
      await runShell(["zsh", "-f", zshDriver], place, { env: { ...env, SETUP: setup, LINES_TYPED: lines.join("\n") } });
      return;
    case "fish": {
      const script = `${setup}
for line in $argv
    set -l words (complete --escape -C "$line" | string replace -r '\\t.*' '')
    test (count $words) = 1; or exit 9
    set -l before (string replace -r '[^ ]*$' '' -- "$line")
    eval $before$words[1]
end`;
      await runShell(["fish", "-c", script, ...lines], place, { env });
    }
  }
}
