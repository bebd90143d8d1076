import type { Command } from "commander";
import type { ExitCode } from "../../process/cli-error.ts";
import type { ProgramIo } from "../../process/program-io.ts";
import type { Run } from "../../run/run-command.ts";
import { addHookOptions } from "../../settings/hook-options.ts";
import type { HookFlags } from "../../settings/hook-options.ts";
import { addOutputOptions } from "../../settings/output-options.ts";
import type { OutputFlags } from "../../settings/output-options.ts";
import { loadWithSimulator } from "../sim/command.ts";
import type { ApplyFlags } from "./apply.ts";
import type { RunFlags } from "./run.ts";
import type { StatusFlags } from "./status.ts";

interface JsonFlags extends OutputFlags {
  readonly json?: boolean;
}

const examples = `
A document says which libraries of which vCenters are mirrored to which places, and when. One worker needs nothing else: it
has a database of its own, below ~/.local/state/carrel. Several workers, on one machine or on many, share a PostgreSQL, which
CARREL_FLEET_DATABASE or the document names.

Examples:
  carrel fleet demo                  three simulated vCenters, and a worker that is killed in the middle of a file
  carrel fleet init                  writes fleet.yaml to begin with
  carrel fleet apply fleet.yaml      shows what changes, and asks
  carrel fleet run                   works until Ctrl-C
  carrel fleet status --watch        from another terminal`;

/** Adds `carrel fleet` and its own commands. */
export function addFleetCommand(program: Command, io: ProgramIo): void {
  const fleet = program
    .command("fleet")
    .summary("mirror many libraries of many vCenters, by one worker or several")
    .description(
      "Keeps mirrors of many libraries up to date, by schedules. Workers share the work: never are there more transfers from a " +
        "vCenter than its limit, and what a worker that is killed had begun is continued by another one.",
    )
    .addHelpText("after", examples);
  addInit(fleet, io);
  addApply(fleet, io);
  addRun(fleet, io);
  addSync(fleet, io);
  addStatus(fleet, io);
  addItemCommands(fleet, io);
  addDoctor(fleet, io);
  addDemo(fleet, io);
}

function addInit(fleet: Command, io: ProgramIo): void {
  const command = fleet
    .command("init")
    .summary("write a document to begin with")
    .description("Writes fleet.yaml with examples, and fleet.schema.json, by which editors check and complete it.")
    .argument("[dir]", "where to write them", ".");
  finish(command, ["carrel fleet init", "carrel fleet init /etc/carrel"]).action(
    async (directory: string, flags: OutputFlags) => {
      const { runInit } = await import("./init.ts");
      await start(io, flags, (run) => runInit(directory, run));
    },
  );
}

function addApply(fleet: Command, io: ProgramIo): void {
  const command = fleet
    .command("apply")
    .summary("have a document hold from now on")
    .description(
      "Shows what a document changes, and asks. All of it is applied, or nothing. Mistakes are shown all at once, with their lines. " +
        "Files of a mirror that is removed stay.",
    )
    .argument("<file>", "the document, YAML or JSON")
    .option("--yes", "apply it without asking")
    .option("--dry-run", "only show what would change; then the exit code is 1")
    .option("--json", "print changes, or mistakes, as JSON, one object per line");
  const lines = [
    "carrel fleet apply fleet.yaml",
    "carrel fleet apply fleet.yaml --yes",
    "carrel fleet apply fleet.yaml --dry-run",
  ];
  finish(command, lines).action(async (path: string, flags: ApplyFlags & OutputFlags) => {
    const { runApply } = await import("./apply.ts");
    await start(io, { ...flags, answers: true }, (run) => runApply(path, flags, run));
  });
}

function addRun(fleet: Command, io: ProgramIo): void {
  const command = fleet
    .command("run")
    .summary("work on what there is to do, until Ctrl-C")
    .description(
      "Runs a worker. When it is stopped, it ends its sessions at the vCenters, keeps what it has received, and another " +
        "worker, or the next run, continues in the middle of the file.",
    )
    .option("--transfers <n>", "items that this worker is at at once", "4")
    .option("--once", "compare all mirrors, do what there is to do, and end; the exit code is 1 where something failed")
    .option("--metrics <address>", "serve /metrics for Prometheus, and /healthz, at HOST:PORT")
    .option("--name <name>", "what the status calls this worker (default: host and process id)")
    .option("--json", "print events as JSON, one object per line");
  addHookOptions(command);
  const lines = [
    "carrel fleet run",
    "carrel fleet run --once                               from cron, in place of schedules",
    "carrel fleet run --transfers 8 --metrics 0.0.0.0:9464",
    "CARREL_FLEET_DATABASE=postgres://fleet@db/fleet carrel fleet run",
  ];
  finish(command, lines).action(async (flags: RunFlags & OutputFlags & HookFlags) => {
    const interruptNote =
      "Stopping: sessions are ended, and what was received is kept. Press Ctrl-C again to stop at once";
    const { runWorker } = await import("./run.ts");
    await start(io, { ...flags, interruptNote }, (run) => runWorker(flags, run));
  });
}

function addSync(fleet: Command, io: ProgramIo): void {
  const command = fleet
    .command("sync")
    .summary("have mirrors compared with their libraries now")
    .description("Has workers compare mirrors with their libraries now, and update what differs. Returns at once.")
    .argument("[mirror...]", "names of mirrors (default: all)")
    .option("--json", "print JSON, one object per line");
  finish(command, ["carrel fleet sync", "carrel fleet sync berlin-images"]).action(
    async (mirrors: readonly string[], flags: JsonFlags) => {
      const { runSync } = await import("./items.ts");
      await start(io, flags, (run) => runSync(mirrors, flags, run));
    },
  );
}

function addStatus(fleet: Command, io: ProgramIo): void {
  const command = fleet
    .command("status")
    .summary("show vCenters, mirrors, items at work, what waits and why")
    .description(
      "Shows how the fleet stands: vCenters, mirrors and when they are compared next, items at work, what waits and why, what was given up, and workers.",
    )
    .option("--watch", "show it every two seconds, until Ctrl-C")
    .option("--json", "print it as one JSON object; with --watch, one every two seconds");
  finish(command, [
    "carrel fleet status",
    "carrel fleet status --watch",
    "carrel fleet status --json | jq .waiting",
  ]).action(async (flags: StatusFlags & OutputFlags) => {
    const { runStatus } = await import("./status.ts");
    await start(io, { ...flags, answers: true, interruptNote: "" }, (run) => runStatus(flags, run));
  });
}

function addItemCommands(fleet: Command, io: ProgramIo): void {
  const json = (command: Command): Command => command.option("--json", "print JSON, one object per line");
  const cancel = json(
    fleet
      .command("cancel")
      .summary("cancel items that wait or are at work")
      .description(
        "Cancels an item, or all items of a mirror, that wait or are at work. The next comparison finds them again.",
      )
      .argument("<mirror[/item]...>", "what to cancel; an item by its name or id"),
  );
  finish(cancel, ["carrel fleet cancel berlin-images/ubuntu-26.04", "carrel fleet cancel berlin-images"]).action(
    async (texts: readonly string[], flags: JsonFlags) => {
      const { runCancel } = await import("./items.ts");
      await start(io, flags, (run) => runCancel(texts, flags, run));
    },
  );
  const retry = json(
    fleet
      .command("retry")
      .summary("try items again that failed or were given up")
      .description("Has items that were given up tried again, and those that wait after a failure tried now.")
      .argument("[mirror[/item]...]", "what to try again (default: everything)"),
  );
  finish(retry, ["carrel fleet retry", "carrel fleet retry berlin-images/ubuntu-26.04"]).action(
    async (texts: readonly string[], flags: JsonFlags) => {
      const { runRetry } = await import("./items.ts");
      await start(io, flags, (run) => runRetry(texts, flags, run));
    },
  );
  const history = json(
    fleet
      .command("history")
      .summary("list what was done about an item")
      .description("Lists what was done about an item, or about the items of a mirror, the newest first.")
      .argument("<mirror[/item]>", "an item by its name or id, or a mirror"),
  );
  finish(history, ["carrel fleet history berlin-images/ubuntu-26.04"]).action(
    async (text: string, flags: JsonFlags) => {
      const { runHistory } = await import("./items.ts");
      await start(io, { ...flags, answers: true }, (run) => runHistory(text, flags, run));
    },
  );
}

function addDoctor(fleet: Command, io: ProgramIo): void {
  const command = fleet
    .command("doctor")
    .summary("check the database, the vCenters and the targets")
    .description(
      "Checks the database and its clock, logs in at each vCenter, writes to each target, and looks for sessions that no worker holds.",
    )
    .option("--json", "print JSON, one object per line");
  finish(command, ["carrel fleet doctor", "carrel fleet doctor --json"]).action(async (flags: JsonFlags) => {
    const { runDoctor } = await import("./doctor.ts");
    await start(io, { ...flags, answers: true }, (run) => runDoctor(flags, run));
  });
}

function addDemo(fleet: Command, io: ProgramIo): void {
  const command = fleet
    .command("demo")
    .summary("see a killed worker's file continued, with simulated vCenters")
    .description(
      "Starts three simulated vCenters and a worker, kills the worker in the middle of a file, and shows how the next one continues " +
        "there. With CARREL_FLEET_DATABASE there are two workers, and the other one takes over. At the end every file is compared, " +
        "and no session is left.",
    );
  finish(command, ["carrel fleet demo", "CARREL_FLEET_DATABASE=postgres://localhost/fleet carrel fleet demo"]).action(
    async (flags: OutputFlags) => {
      await start(io, flags, async (run) => {
        const { runFleetDemo } = await loadWithSimulator(() => import("./demo.ts"));
        await runFleetDemo(run);
      });
    },
  );
}

function finish(command: Command, lines: readonly string[]): Command {
  const text = `\nExamples:\n${lines.map((line) => `  ${line}`).join("\n")}`;
  return addOutputOptions(command).addHelpText("after", text);
}

/** What a run of these commands is given besides the flags. */
interface StartOptions extends JsonFlags, HookFlags {
  readonly answers?: boolean;
  readonly interruptNote?: string;
}

async function start(
  io: ProgramIo,
  options: StartOptions,
  command: (run: Run) => Promise<ExitCode | void>,
): Promise<void> {
  const { runCommand } = await import("../../run/run-command.ts");
  await runCommand(io, options, command);
}
