import type { Command } from "commander";
import type { ProgramIo } from "../../process/program-io.ts";
import { addConnectionOptions } from "../../settings/connection-settings.ts";
import type { ConnectionFlags } from "../../settings/connection-settings.ts";

/** Flags of `carrel login`. */
export interface LoginFlags extends ConnectionFlags {
  readonly passwordStdin?: boolean;
}

/** Flags of `carrel logout`. */
export interface LogoutFlags extends ConnectionFlags {
  readonly all?: boolean;
}

const examples = `
Examples:
  carrel login --server vc.example.com --user reader@vsphere.local
  pass show vcenter | carrel login --password-stdin
  carrel logout
  carrel logout --all`;

/** Adds `carrel login` and `carrel logout`. */
export function addLoginCommands(program: Command, io: ProgramIo): void {
  const login = program
    .command("login")
    .summary("log in and keep the session, so that scripts need no password")
    .description(
      "Logs in and keeps the API session in a file that only its owner can read. The password is asked for, " +
        "or taken from VSPHERE_PASSWORD or standard input, and not kept. The server ends the session when it is idle " +
        "for long. A new login ends the session that was kept for the server before, and downloads that still use it.",
    )
    .option("--password-stdin", "read the password from standard input");
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
    .summary('end the session that "carrel login" keeps')
    .description(
      'Ends the API session that "carrel login" keeps, on the server and in the file. Where the server cannot be reached ' +
        "the session is forgotten all the same; the server ends it by itself when it is idle.",
    )
    .option("--all", "the sessions of all servers");
  addConnectionOptions(logout).action(async (flags: LogoutFlags) => {
    const [{ runCommand }, { runLogout }] = await Promise.all([import("../../run/run-command.ts"), import("./run.ts")]);
    await runCommand(io, flags, (run) => runLogout(flags, run));
  });
}
