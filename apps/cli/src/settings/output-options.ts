import type { Command } from "commander";

/** Flags of {@link addOutputOptions}, as commander gives them. */
export interface OutputFlags {
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly debug?: boolean;
  readonly logFile?: string;
}

/** Adds the flags for how much a command says, which every command that does something has. */
export function addOutputOptions(command: Command): Command {
  return command
    .option("-q, --quiet", "show only failures, warnings and what was asked for")
    .option("-v, --verbose", "also show settings, requests and transfers, a line each")
    .option("--debug", "the same as --verbose, with the details of each request, and stack traces of errors")
    .option("--log-file <file>", "also append each line to this file, with its time");
}
