import { fishScript } from "../../src/commands/completion/fish-script.ts";
import { runShell } from "./run-shell.ts";
import type { Shell } from "./shell.ts";

/** Fish, which tells by itself what it would offer. */
export const fish: Shell = {
  name: "fish",
  script: fishScript,
  load: (file) => `source '${file}'`,
  install: "mkdir -p ~/.config/fish/completions; carrel completion fish > ~/.config/fish/completions/carrel.fish",
  async complete(setup, line, place) {
    const output = await runShell(["fish", "-c", `${setup}\ncomplete -C "$argv"`, line], place);
    return output
      .split("\n")
      .filter(Boolean)
      .map((offer) => {
        const [word = "", description = ""] = offer.split("\t");
        return { word, description };
      });
  },
};
