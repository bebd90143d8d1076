import { fileURLToPath } from "node:url";
import { zshScript } from "../../src/commands/completion/zsh-script.ts";
import { runShell } from "./run-shell.ts";
import type { Shell } from "./shell.ts";

const driver = fileURLToPath(new URL("drive.zsh", import.meta.url));
const compinit = "autoload -Uz compinit && compinit -D -u";

/** Zsh on a pseudo-terminal of its own module zsh/zpty, where Tab tells what the completion system was given. */
export const zsh: Shell = {
  name: "zsh",
  script: zshScript,
  load: (file) => `${compinit}; source '${file}'`,
  install: `fpath=(~ $fpath); carrel completion zsh > "\${fpath[1]}/_carrel"; ${compinit}`,
  async complete(setup, line, place) {
    const output = await runShell(["zsh", "-f", driver], place, { env: { SETUP: setup, LINE: line } });
    const [offered, after] = output.split("<end>\n");
    if (after !== "") throw new Error(`zsh did not complete "${line}":\n${output}`);
    // What was given twice is shown once.
    return [...new Set(offered?.split("\n"))].filter(Boolean).map((offer) => {
      const [word = "", shown = ""] = offer.split("\t");
      return { word, description: shown.replace(/^.*? -- /u, "") };
    });
  },
};
