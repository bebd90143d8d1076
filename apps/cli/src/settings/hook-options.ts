import type { Command } from "commander";

/** Flags of {@link addHookOptions}, as commander gives them. */
export interface HookFlags {
  readonly onFailure?: string;
  readonly ping?: string;
}

/** Adds the flags that let a run which nobody watches call for help. */
export function addHookOptions(command: Command): Command {
  return command
    .option("--on-failure <command>", 'if the run fails, give this to the shell (see "carrel help unattended")')
    .option("--ping <url>", "tell a monitor such as healthchecks.io that the run starts, and how it ends");
}
