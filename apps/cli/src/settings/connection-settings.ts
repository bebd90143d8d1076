import type { SettingsLayer } from "./config-file.ts";

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

/** The flags that say how to connect, as commander gives them. */
export interface ConnectionFlags {
  readonly server?: string;
  readonly user?: string;
  readonly thumbprint?: string;
  readonly ca?: string;
  readonly wire?: string;
  readonly context?: string;
  readonly allowHttpTransfers?: boolean;
  readonly password?: unknown;
}
