import { bashScript } from "../../src/commands/completion/bash-script.ts";
import { runShell } from "./run-shell.ts";
import type { Shell } from "./shell.ts";

const prompt = "<prompt>";
const settings = ["completion-query-items 0", "page-completions off", "completion-display-width 0"];

/** Bash with its line editor, which reads a pipe too: `M-?` lists what is possible, one on a line. */
export const bash: Shell = {
  name: "bash",
  script: bashScript,
  load: (file) => `source '${file}'`,
  install: "source <(carrel completion bash)",
  async complete(setup, line, place) {
    const binds = settings.map((setting) => `bind 'set ${setting}'`);
    const typed = `${[setup, ...binds, `PS1='<'prompt'>'`].join("\n")}\n${line}\u001B?\u0015exit\n`;
    const output = await runShell(["bash", "--noprofile", "--norc", "-i"], place, { typed });
    if (!output.includes(`${prompt}${line}`)) throw new Error(`bash was not ready for "${line}":\n${output}`);
    // The line as it was typed, what is possible, and the line once more. A bell where nothing is.
    const [, answer = ""] = output.split(`${prompt}${line}\n`);
    const [list = ""] = answer.split(prompt);
    return list
      .split("\n")
      .filter(Boolean)
      .map((word) => ({ word, description: "" }));
  },
};
