import { resolve } from "node:path";
import { defined } from "@carrel/core/kit";
import { usageError } from "../process/cli-error.ts";
import type { Environment } from "../process/program-io.ts";
import type { ConnectionFlags, ServerSettings } from "./connection-settings.ts";
import { parseProxy, parseThumbprint } from "./parse-values.ts";
import { passwordFile } from "./password-source.ts";
import type { PasswordSource } from "./password-source.ts";
import { readPin } from "../state/pin-store.ts";
import { readCa } from "./read-ca.ts";

/** Flags that are about a vCenter. */
const vcenterFlags = ["server", "user", "wire", "context", "allowHttpTransfers"] as const;

/**
 * Reads how the server of a published library is recognized and reached: by flags and by pins of `carrel trust`. What contexts and
 * the environment say is meant for vCenters.
 * @throws {@link CliError} exit code 2: a flag is malformed, or makes no sense there.
 */
export async function readLibrarySettings(url: URL, flags: ConnectionFlags, env: Environment): Promise<ServerSettings> {
  if (flags.password !== undefined) {
    throw usageError(
      "Cannot take a password from the command line: other users of this machine can see it",
      howToSetPassword,
    );
  }
  const misplaced = vcenterFlags.find((name) => flags[name] !== undefined);
  if (misplaced !== undefined) {
    const flag = misplaced === "allowHttpTransfers" ? "allow-http-transfers" : misplaced;
    throw usageError(`--${flag} is for a vCenter, not for a published library`);
  }
  const server = new URL(url.origin);
  const { thumbprint, ca } = flags;
  const pin = thumbprint === undefined && ca === undefined ? await readPin(env, server) : undefined;
  return {
    server,
    user: undefined,
    thumbprint: thumbprint === undefined ? pin?.sha256 : parseThumbprint(thumbprint),
    thumbprintFrom: pin !== undefined ? "trust" : thumbprint === undefined ? undefined : "settings",
    ca: ca === undefined ? undefined : await readCa(ca, "--ca"),
    wire: "auto",
    ...defined({ proxy: flags.proxy === undefined ? undefined : parseProxy(flags.proxy, "--proxy") }),
  };
}

/** Says how a password is given. */
export const howToSetPassword =
  "Set CARREL_SUBSCRIPTION_PASSWORD or CARREL_SUBSCRIPTION_PASSWORD_FILE in the environment.";

/** Returns the password of a subscription from the environment, or from the file that it names. */
export function subscriptionPassword(env: Environment): PasswordSource | undefined {
  const { CARREL_SUBSCRIPTION_PASSWORD: password, CARREL_SUBSCRIPTION_PASSWORD_FILE: path } = env;
  if (password) return { origin: "CARREL_SUBSCRIPTION_PASSWORD", read: async () => password };
  return path ? passwordFile(resolve(path), "CARREL_SUBSCRIPTION_PASSWORD_FILE", env) : undefined;
}
