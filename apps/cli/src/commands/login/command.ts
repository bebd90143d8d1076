import type { Command } from "commander";
import type { ProgramIo } from "../../process/program-io.ts";
import { addConnectionOptions } from "../../settings/connection-settings.ts";
import type { ConnectionFlags } from "../../settings/connection-settings.ts";

/** Flags of `carrel login`. */
export interface LoginFlags extends ConnectionFlags {
  readonly passwordStdin?: boolean;
  readonly save?: string;
  readonly json?: boolean;
}

/** Flags of `carrel logout`. */
export interface LogoutFlags extends ConnectionFlags {
  readonly all?: boolean;
  readonly json?: boolean;
}

const examples = `
Examples:
  carrel login --server vc.example.com --user reader@vsphere.local
  carrel login --server vc.example.com --user reader@vsphere.local --save lab
  pass show vcenter | carrel login --password-stdin`;

const logoutExamples = `
Examples:
  carrel logout
  carrel logout --server vc.example.com
  carrel logout --all`;

/** Adds `carrel login` and `carrel logout`. */
export function addLoginCommands(program: Command, io: ProgramIo): void {
  const login = program
    .command("login")
    .summary("log in and save the session, so that scripts need no password")
    .description(
      "Logs in and saves the API session in a file that only its owner can read. The password is read from " +
        "VSPHERE_PASSWORD, standard input or the terminal, and is not saved. The server ends a session that is idle " +
        "for long. At a terminal, a certificate that is not known is shown first, and pinned after a question. A new login ends the session saved for the server before, and downloads that still use it.",
    )
    .option("--password-stdin", "read the password from standard input")
    .option("--save <name>", "save the server and the user as a context; the first one becomes the default")
    .option("--json", "print JSON");
  addConnectionOptions(login)
    .addHelpText("after", examples)
    .action(async (flags: LoginFlags) => {
      const [{ runCommand }, { runLogin }] = await Promise.all([
        import("../../run/run-command.ts"),
        import("./run.ts"),
      ]);
      await runCommand(io, flags, (run) => runLogin(flags, run));
    });

  const logout = program
    .command("logout")
    .summary('end the session saved by "carrel login"')
    .description(
      'Ends the API session saved by "carrel login", on the server and in the file. If the server cannot be reached, ' +
        "the session is only removed from the file; the server ends it once it has been idle for long.",
    )
    .option("--all", "end the sessions of all servers")
    .option("--json", "print JSON, one object per line")
    .addHelpText("after", logoutExamples);
  addConnectionOptions(logout).action(async (flags: LogoutFlags) => {
    const [{ runCommand }, { runLogout }] = await Promise.all([import("../../run/run-command.ts"), import("./run.ts")]);
    await runCommand(io, flags, (run) => runLogout(flags, run));
  });
}
