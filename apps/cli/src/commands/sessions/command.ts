import type { Command } from "commander";
import type { ProgramIo } from "../../process/program-io.ts";
import { addConnectionOptions } from "../../settings/connection-settings.ts";
import type { ConnectionFlags } from "../../settings/connection-settings.ts";
import { addGlobalOptions } from "../../settings/global-options.ts";
import { addFormatOptions, wantsJson } from "../../settings/list-options.ts";
import type { FormatFlags } from "../../settings/list-options.ts";

/** Flags of `carrel sessions` and its commands. */
export interface SessionsFlags extends ConnectionFlags, FormatFlags {
  readonly progress?: string;
  readonly message?: string;
  readonly idle?: boolean;
  readonly all?: boolean;
  readonly item?: string;
  readonly yes?: boolean;
}

const examples = `
Examples:
  carrel sessions ls                         sessions of this user
  carrel sessions --context prod ls
  carrel sessions show ID
  carrel sessions keep-alive ID --progress 40
  carrel sessions fail ID --message "disk full"
  carrel sessions rm ID ID
  carrel sessions prune --yes                delete sessions that are over
  carrel sessions prune --all --item Images/ubuntu-26.04   all sessions of one item, after a question`;

const pruneHelp = `
What is deleted:
  over     state CANCELED or ERROR: always
  idle     ACTIVE, and no file was ever requested: with --idle. A download that has just begun looks the same.
  others   ACTIVE: with --all. Downloads that use them fail.

A download that was killed leaves an ACTIVE session. The server does not report whether a session is still in
use. It ends a session that is not kept alive for a while (five minutes by default). Listing sessions, as
"sessions ls" and "prune" do, may extend their expiry.`;

type Verb = "ls" | "show" | "keep-alive" | "cancel" | "fail" | "rm" | "prune";

const verbExamples: Readonly<Record<Verb, string>> = {
  ls: "carrel sessions ls",
  show: "carrel sessions show ID",
  "keep-alive": "carrel sessions keep-alive ID --progress 40",
  cancel: "carrel sessions cancel ID",
  fail: 'carrel sessions fail ID --message "disk full"',
  rm: "carrel sessions rm ID ID",
  prune: "carrel sessions prune --idle    after a question",
};

/** Adds `carrel sessions` and its own commands. */
export function addSessionsCommand(program: Command, io: ProgramIo): void {
  const sessions = program
    .command("sessions")
    .summary("list and end download sessions on the server")
    .description(
      "Lists and ends this user's download sessions on the server. With several ids, a failure of one does not stop the others.",
    )
    .addHelpText("after", examples);
  addGlobalOptions(sessions);

  const changing = (name: Verb, summary: string): Command =>
    verb({ sessions, io }, name, summary, "<id...>").option("--json", "print JSON, one object per line");
  addFormatOptions(
    verb({ sessions, io }, "ls", "list download sessions with state, expiry, progress and files"),
    "ids",
  );
  verb({ sessions, io }, "show", "show a download session and its files", "<id...>").option(
    "--json",
    "print JSON, one object per line",
  );
  changing("keep-alive", "extend the expiry of download sessions").option(
    "--progress <percent>",
    "progress to report, 0 to 100",
  );
  changing("cancel", "cancel download sessions: their transfers stop, and their transfer URLs become invalid");
  changing("fail", "report that a download failed").requiredOption("--message <text>", "what went wrong");
  changing("rm", "delete download sessions, in whatever state");
  verb({ sessions, io }, "prune", "delete download sessions that are over")
    .option("--idle", "also active sessions of which no file was ever requested")
    .option("--all", "also all other active sessions: downloads that use them fail")
    .option("--item <library/item>", "only sessions of this item")
    .option("--yes", "do not ask")
    .option("--json", "print JSON, one object per line")
    .addHelpText("after", pruneHelp);
}

interface Group {
  readonly sessions: Command;
  readonly io: ProgramIo;
}

function verb({ sessions, io }: Group, name: Verb, summary: string, argument?: string): Command {
  const command = sessions.command(name).description(`${summary[0]?.toUpperCase() ?? ""}${summary.slice(1)}.`);
  command.summary(summary);
  if (argument) command.argument(argument, "ids of sessions");
  command.addHelpText("after", `\nExamples:\n  ${verbExamples[name]}`);
  return addConnectionOptions(command).action(async (...parameters: readonly unknown[]) => {
    // With an argument: ids, flags, command; without: flags, command.
    const [ids, flags] = (argument ? parameters : [[], ...parameters]) as [readonly string[], SessionsFlags];
    const [{ runCommand }, { runSessions }] = await Promise.all([
      import("../../run/run-command.ts"),
      import("./run.ts"),
    ]);
    // What prune asks about must be seen.
    const answers = name === "ls" || name === "show" || (name === "prune" && flags.yes !== true);
    await runCommand(io, { ...flags, json: wantsJson(flags), answers }, (run) => runSessions[name](ids, flags, run));
  });
}
