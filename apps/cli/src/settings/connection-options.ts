import { Option } from "commander";
import type { Command } from "commander";

const environmentHelp = `
Environment:
  VSPHERE_SERVER      as --server
  VSPHERE_USER        as --user
  VSPHERE_PASSWORD    the password; there is no flag for it ("carrel login" keeps a session instead)
  VSPHERE_THUMBPRINT  as --thumbprint
  HTTPS_PROXY, HTTP_PROXY, NO_PROXY, NO_COLOR as usual`;

/** Adds the flags that say how to connect. */
export function addConnectionOptions(command: Command): Command {
  return (
    command
      .option("--server <host>", "the vCenter: a host name, or a URL")
      .option("--user <name>", "such as reader@vsphere.local")
      .option("--thumbprint <hex>", "accept this certificate only: its SHA-256 or SHA-1 fingerprint")
      .option("--ca <file>", "trust the certificates in this PEM file")
      .addOption(
        new Option("--wire <style>", "how to talk to the server (default: auto)").choices(["auto", "api", "rest"]),
      )
      .option(
        "--allow-http-transfers",
        "let an https server lead transfers to http, where anybody on the way can change them",
      )
      .option("--context <name>", "take these settings from the config file")
      .option("--debug", "show requests, and stack traces of errors")
      // Only to be refused in a sentence that does not repeat it.
      .addOption(new Option("--password [password]").hideHelp())
      .addHelpText("after", environmentHelp)
  );
}
