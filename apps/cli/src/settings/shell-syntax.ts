import process from "node:process";
import type { Environment } from "../process/program-io.ts";

/**
 * Returns what sets a variable in the shell of the user. Windows sets the variable of PowerShell for every process.
 * @param value - Without characters that a shell treats in another way.
 */
export function settingOf(name: string, value: string, env: Environment = process.env): string {
  return env["PSModulePath"] ? `$env:${name} = '${value}'` : `export ${name}=${value}`;
}
