import type { Command } from "commander";
import { addConnectionOptions } from "../settings/connection-options.ts";
import type { SessionsFlags } from "./run-sessions.ts";

const examples = `
Examples:
  carrel sessions ls                         those of this user
  carrel sessions show ID
  carrel sessions keep-alive ID --progress 40
  carrel sessions fail ID --message "disk full"
  carrel sessions rm ID ID
  carrel sessions prune --yes                delete those that are over`;

type Verb = "ls" | "show" | "keep-alive" | "cancel" | "fail" | "rm" | "prune";

/** Adds `carrel sessions` and its own commands. */
export function addSessionsCommand(program: Command): void {
  const sessions = program
    .command("sessions")
    .summary("see and end download sessions on the server")
    .description("Download sessions of this user on the server.")
    .addHelpText("after", examples);

  verb(sessions, "ls", "list download sessions with state, expiry, progress and files").option(
    "--json",
    "one JSON object a line",
  );
  verb(sessions, "show", "show a download session and its files", "<id...>").option("--json", "one JSON object a line");
  verb(sessions, "keep-alive", "put the expiry of download sessions off", "<id...>").option(
    "--progress <percent>",
    "progress to report, 0 to 100",
  );
  verb(sessions, "cancel", "cancel download sessions: transfers stop, transfer URLs end", "<id...>");
  verb(sessions, "fail", "report that a download failed", "<id...>").requiredOption(
    "--message <text>",
    "what went wrong",
  );
  verb(sessions, "rm", "delete download sessions, in whatever state", "<id...>");
  verb(sessions, "prune", "delete download sessions that are over")
    .option("--idle", "also active ones of which no file was ever asked for")
    .option("--yes", "do not ask");
}

function verb(sessions: Command, name: Verb, summary: string, argument?: string): Command {
  const command = sessions.command(name).description(`${summary[0]?.toUpperCase() ?? ""}${summary.slice(1)}.`);
  command.summary(summary);
  if (argument) command.argument(argument, "identifiers of sessions");
  return addConnectionOptions(command).action(async (...parameters: readonly unknown[]) => {
    // With an argument: ids, flags, command; without: flags, command.
    const [ids, flags] = (argument ? parameters : [[], ...parameters]) as [readonly string[], SessionsFlags];
    const [{ runCommand }, { runSessions }] = await Promise.all([
      import("../run-command.ts"),
      import("./run-sessions.ts"),
    ]);
    await runCommand(flags, (run) => runSessions[name](ids, flags, run));
  });
}
