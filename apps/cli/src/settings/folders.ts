import { homedir } from "node:os";
import { join } from "node:path";
import process from "node:process";

/** Environment variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Folder of what a person writes: `$XDG_CONFIG_HOME/carrel`, or what is usual on the system. */
export function configFolder(env: Environment): string {
  if (env["XDG_CONFIG_HOME"]) return join(env["XDG_CONFIG_HOME"], "carrel");
  if (process.platform === "win32") return join(env["APPDATA"] ?? homedir(), "carrel");
  return join(env["HOME"] ?? homedir(), ".config", "carrel");
}

/** Folder of what this program remembers: `$XDG_STATE_HOME/carrel`, or what is usual on the system. */
export function stateFolder(env: Environment): string {
  if (env["XDG_STATE_HOME"]) return join(env["XDG_STATE_HOME"], "carrel");
  if (process.platform === "win32") return join(env["LOCALAPPDATA"] ?? homedir(), "carrel");
  return join(env["HOME"] ?? homedir(), ".local", "state", "carrel");
}
