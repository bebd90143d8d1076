import type { Command } from "commander";
import type { ProgramIo } from "../../process/program-io.ts";
import { addOutputOptions } from "../../settings/output-options.ts";
import type { OutputFlags } from "../../settings/output-options.ts";

/** Flags of `carrel serve`. */
export interface ServeFlags extends OutputFlags {
  readonly host: string;
  readonly port: string;
  readonly cert?: string;
  readonly key?: string;
  readonly http?: boolean;
  readonly passwordFile?: string;
  readonly accessLog?: boolean;
  readonly json?: boolean;
}

const examples = `
A vCenter logs in as the user "vcsp", with the password of --password-file or of CARREL_SERVE_PASSWORD; without one, everybody who
reaches the address can read. It pins the thumbprint of the certificate: Carrel makes one and keeps it, unless --cert names another.

Examples:
  carrel publish /srv/images && carrel serve /srv/images            for this machine, to try it
  carrel serve /srv/images --host images.example.com --port 8443 --password-file /etc/carrel/vcsp
  carrel serve /srv/images --host images.example.com --cert chain.pem --key key.pem --access-log`;

/** Adds `carrel serve`. */
export function addServeCommand(program: Command, io: ProgramIo): void {
  const command = program
    .command("serve")
    .summary("serve a published directory to vCenters that subscribe to it")
    .description(
      "Serves a directory that carrel publish, carrel mirror --publish or another generator published, over HTTPS until Ctrl-C, and " +
        "prints what to enter at the vCenter. Only reads; hidden and incomplete files are not served.",
    )
    .argument("<dir>", "a published directory")
    .option("--host <host>", "name or address to listen on, which subscribers use; 0.0.0.0 for all", "127.0.0.1")
    .option("--port <port>", "port to listen on; 0 for any free one", "8443")
    .option("--cert <file>", "certificate, and those that vouch for it, as PEM")
    .option("--key <file>", "its private key as PEM, which only its owner may be able to read")
    .option("--http", "serve over HTTP: a password is sent unencrypted")
    .option("--password-file <file>", "file whose first line is the password of the user vcsp")
    .option("--access-log", "print a line for each request")
    .option("--json", "print JSON lines");
  addOutputOptions(command)
    .addHelpText("after", examples)
    .action(async (directory: string, flags: ServeFlags) => {
      const [{ runCommand }, { runServe }] = await Promise.all([
        import("../../run/run-command.ts"),
        import("./run.ts"),
      ]);
      await runCommand(io, { ...flags, answers: true, interruptNote: "Stopping." }, (run) =>
        runServe(directory, flags, run),
      );
    });
}
