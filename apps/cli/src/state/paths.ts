import { userInfo } from "node:os";
import { isAbsolute, join } from "node:path";
import process from "node:process";
import type { Environment } from "../process/program-io.ts";

/**
 * Returns the path of the config file: in `$XDG_CONFIG_HOME/carrel`, or where the system usually has it. Absent where the user
 * has no home directory.
 */
export function configPath(env: Environment): string | undefined {
  const usual = process.platform === "win32" ? ["AppData", "Roaming"] : [".config"];
  return pathIn(directoryOf(env, "XDG_CONFIG_HOME", "APPDATA", usual), "config.json");
}

/** Returns the path of a file or directory that this program writes, in `$XDG_STATE_HOME/carrel` or the usual directory; absent likewise. */
export function statePath(
  env: Environment,
  name: "sessions.json" | "trust.json" | "names.json" | "serve.pem" | "fleet" | "fleet.json",
): string | undefined {
  const usual = process.platform === "win32" ? ["AppData", "Local"] : [".local", "state"];
  return pathIn(directoryOf(env, "XDG_STATE_HOME", "LOCALAPPDATA", usual), name);
}

function pathIn(directory: string | undefined, name: string): string | undefined {
  return directory === undefined ? undefined : join(directory, name);
}

function directoryOf(env: Environment, xdg: string, windows: string, usual: readonly string[]): string | undefined {
  const given = absolute(env[xdg]) ?? (process.platform === "win32" ? absolute(env[windows]) : undefined);
  if (given !== undefined) return join(given, "carrel");
  const home = homeDirectory(env);
  return home === undefined ? undefined : join(home, ...usual, "carrel");
}

/**
 * Not `os.homedir()`: that returns an empty or relative `HOME` unchanged, and then the current directory would decide which
 * server gets the password.
 */
function homeDirectory(env: Environment): string | undefined {
  const given = absolute(env[process.platform === "win32" ? "USERPROFILE" : "HOME"]);
  if (given !== undefined) return given;
  try {
    return absolute(userInfo().homedir);
  } catch {
    // In a container, a process may run as a user that the system does not know.
    return undefined;
  }
}

/** By the XDG specification a relative path is invalid, and an empty one counts as not set. */
function absolute(path: string | undefined): string | undefined {
  return path !== undefined && isAbsolute(path) ? path : undefined;
}
