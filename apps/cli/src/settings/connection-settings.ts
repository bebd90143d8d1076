import { Option } from "commander";
import type { Command } from "commander";
import type { SettingsLayer } from "./config-file.ts";

const environmentHelp = `
Environment:
  VSPHERE_SERVER      as --server
  VSPHERE_USER        as --user
  VSPHERE_PASSWORD    the password; there is no flag for it ("carrel login" keeps a session instead)
  VSPHERE_THUMBPRINT  as --thumbprint
  HTTPS_PROXY, HTTP_PROXY, NO_PROXY, NO_COLOR as usual`;

/** Flags of {@link addConnectionOptions}, as commander gives them. */
export interface ConnectionFlags {
  readonly server?: string;
  readonly user?: string;
  readonly thumbprint?: string;
  readonly ca?: string;
  readonly wire?: string;
  readonly context?: string;
  readonly allowHttpTransfers?: boolean;
  readonly debug?: boolean;
  readonly password?: unknown;
}

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

/** All that is needed to talk to a vCenter. */
export interface ConnectionSettings extends ServerSettings {
  readonly login: Login;
}

/** Which vCenter, and how it is known. */
export interface ServerSettings {
  readonly server: URL;
  /** Who is to log in, where it was said. */
  readonly user: string | undefined;
  /** The certificate to accept, by its fingerprint. */
  readonly thumbprint: string | undefined;
  /** Where the thumbprint comes from: `carrel trust`, or the settings. */
  readonly thumbprintFrom: "trust" | "settings" | undefined;
  /** Certificates to trust, PEM. */
  readonly ca: string | undefined;
  readonly wire: "auto" | "api" | "rest";
  /** Where a person set what of it, for --debug. */
  readonly origins?: SettingsOrigins;
  /** Lets an https server lead transfers to http. */
  readonly allowHttpTransfers?: boolean;
  /** `false` goes around every proxy, to a server on this machine. */
  readonly proxy?: false;
}

/** Where settings come from, such as `--server`, `VSPHERE_SERVER` or `context "lab"`. */
export type SettingsOrigins = Readonly<Partial<Record<keyof SettingsLayer, string>>>;

/** How to log in. Passwords and tokens are secrets. */
export type Login =
  | { readonly kind: "password"; readonly user: string; readonly password: string }
  /** An API session that "carrel login" kept. It is not ended when the program ends. */
  | { readonly kind: "session"; readonly user: string; readonly token: string };
