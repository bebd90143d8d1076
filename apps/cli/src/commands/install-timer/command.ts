import { Option } from "commander";
import type { Command } from "commander";
import type { ProgramIo } from "../../process/program-io.ts";
import { addHookOptions } from "../../settings/hook-options.ts";
import type { HookFlags } from "../../settings/hook-options.ts";
import { addOutputOptions } from "../../settings/output-options.ts";
import type { OutputFlags } from "../../settings/output-options.ts";

/** What starts a run at its times. */
export type Scheduler = "systemd" | "launchd" | "windows";

/** Flags of `carrel install-timer`, as commander gives them. */
export interface InstallTimerFlags extends HookFlags, OutputFlags {
  readonly name?: string;
  readonly onCalendar?: string;
  readonly every?: string;
  readonly passwordFile?: string;
  readonly system?: boolean;
  readonly runAs?: string;
  readonly for?: Scheduler;
  readonly dryRun?: boolean;
}

const examples = `
Settings that the environment has now (VSPHERE_SERVER, VSPHERE_USER, VSPHERE_THUMBPRINT, CARREL_CONTEXT and proxies) are kept
in the unit; passwords are not. On macOS and Windows the command prints what is needed and installs nothing.

Examples:
  carrel install-timer mirror Images /srv/images --delete --max-delete 5 --context lab
  carrel install-timer --every 6h --dry-run mirror Images /srv/images --context lab
  carrel install-timer --on-calendar 'Mon..Fri 22:30' --ping https://hc-ping.com/UUID mirror Images /srv/images
  sudo carrel install-timer --system --run-as images --password-file /etc/carrel/vc.password mirror Images /srv/images
  carrel install-timer --for windows mirror Images 'D:\\images' --context lab`;

/** Adds `carrel install-timer`. */
export function addInstallTimerCommand(program: Command, io: ProgramIo): void {
  const command = program
    .command("install-timer")
    .summary("have mirror or get run at set times, by systemd")
    .description(
      "Writes a systemd service and a timer that runs mirror or get with the arguments given here, and starts the timer: " +
        "for this user, or with --system for the machine. Flags of install-timer come before the command.",
    )
    .argument("<command...>", "mirror or get, with its arguments")
    .passThroughOptions()
    .option("--on-calendar <time>", "when, as systemd writes it (default: *-*-* 03:00, up to 10 minutes later)")
    .option("--every <time>", "at this interval in place of set times: 90m, 6h or 1d")
    .option("--name <name>", "name of the units (default: made of the command)")
    .option("--password-file <file>", "a file whose first line is the password, which only its owner can read")
    .option("--system", "for the machine, in /etc/systemd/system")
    .option("--run-as <user>", "with --system: the user that runs it (default: root)")
    .addOption(
      new Option("--for <scheduler>", "what runs it (default: that of this system)").choices([
        "systemd",
        "launchd",
        "windows",
      ]),
    )
    .option("--dry-run", "print what would be written, and change nothing");
  addHookOptions(command);
  addOutputOptions(command)
    .addHelpText("after", examples)
    .action(async (words: readonly string[], flags: InstallTimerFlags) => {
      const [{ runCommand }, { runInstallTimer }] = await Promise.all([
        import("../../run/run-command.ts"),
        import("./run.ts"),
      ]);
      // The calls are those of the runs to come.
      const { onFailure: _command, ping: _url, dryRun: _dry, ...options } = flags;
      const answers = flags.dryRun === true;
      await runCommand(io, { ...options, answers }, (run) => runInstallTimer(words, { flags, program }, run));
    });
}
