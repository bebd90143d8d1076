import { Option } from "commander";
import type { Command } from "commander";
import type { SettingsLayer } from "./config-file.ts";
import { addOutputOptions } from "./output-options.ts";
import type { OutputFlags } from "./output-options.ts";
import type { PasswordSource } from "./password-source.ts";

/** The group of the flags that `carrel help connection` lists, in place of each command's help. */
export const connectionGroup = "Connection:";

/** Flags of {@link addConnectionOptions}, as commander gives them. */
export interface ConnectionFlags extends OutputFlags {
  readonly server?: string;
  readonly user?: string;
  readonly thumbprint?: string;
  readonly ca?: string;
  readonly wire?: string;
  readonly context?: string;
  readonly allowHttpTransfers?: boolean;
  readonly proxy?: string;
  readonly password?: unknown;
}

/** Adds the flags for connecting, which every command that talks to a vCenter has. */
export function addConnectionOptions(command: Command): Command {
  const flags = [
    new Option("--server <host>", "the vCenter: a host name, or a URL"),
    new Option("--user <name>", "such as reader@vsphere.local"),
    new Option("--thumbprint <hex>", "accept this certificate only: its SHA-256 or SHA-1 fingerprint"),
    new Option("--ca <file>", "trust the authorities whose certificates this file holds, and no others"),
    new Option("--wire <style>", "API style of the server").choices(["auto", "api", "rest"]),
    new Option(
      "--allow-http-transfers",
      "accept transfers over http from an https server: anyone on the network path can change the files",
    ),
    new Option("--proxy <url>", "reach the vCenter through this HTTP proxy, or through none: http://HOST:PORT, none"),
    new Option("-c, --context <name>", "take these settings from a context of the config file"),
  ];
  for (const flag of flags) command.addOption(flag.helpGroup(connectionGroup));
  return addOutputOptions(
    // Declared only to be refused without being repeated in a message.
    command.addOption(new Option("--password [password]").hideHelp()),
  );
}

/** All that is needed to talk to a vCenter. */
export interface ConnectionSettings extends ServerSettings {
  readonly login: Login;
}

/** Which vCenter to connect to, and how it is recognized. */
export interface ServerSettings {
  readonly server: URL;
  /** Name of the user to log in, where one is given. */
  readonly user: string | undefined;
  /** The certificate to accept, by its fingerprint. */
  readonly thumbprint: string | undefined;
  /** Where the thumbprint comes from: `carrel trust`, or the settings. */
  readonly thumbprintFrom: "trust" | "settings" | undefined;
  /** Certificates of the authorities to trust in place of the usual ones, PEM. */
  readonly ca: string | undefined;
  readonly wire: "auto" | "api" | "rest";
  /** Where each setting comes from, for --debug. */
  readonly origins?: SettingsOrigins;
  /** Accepts transfers over http from an https server. */
  readonly allowHttpTransfers?: boolean;
  /** A proxy in place of the environment's; `false` bypasses every proxy. */
  readonly proxy?: string | false;
}

/** Where settings come from, such as `--server`, `VSPHERE_SERVER` or `context "lab"`. */
export type SettingsOrigins = Readonly<Partial<Record<keyof SettingsLayer, string>>>;

/** How to log in. Passwords and tokens are secrets. */
export type Login =
  | { readonly kind: "password"; readonly user: string; readonly password: PasswordSource }
  /** An API session saved by "carrel login". It is not ended when the program ends. */
  | {
      readonly kind: "session";
      readonly user: string;
      readonly token: string;
      /** Used where the server has ended the session. */
      readonly password?: PasswordSource;
    };
