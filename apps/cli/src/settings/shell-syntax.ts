import process from "node:process";
import type { Environment } from "../process/program-io.ts";

/**
 * Returns what sets a variable in the shell of the user. Windows sets the variable of PowerShell for every process.
 * @param value - Without characters that a shell treats in another way.
 */
export function settingOf(name: string, value: string, env: Environment = process.env): string {
  return env["PSModulePath"] ? `$env:${name} = '${value}'` : `export ${name}=${value}`;
}

/** What no shell treats in another way. */
const plain = /^[\p{L}\p{N}_.:/][\p{L}\p{N}_.:/-]*$/u;
const plainOnWindows = /^[\p{L}\p{N}_.:/\\][\p{L}\p{N}_.:/\\-]*$/u;

/**
 * Writes a word of a command line that is to be copied, in quotes where the shell of the user needs them. On Windows in double ones,
 * which cmd knows as well, unless only PowerShell's single ones keep a character as it is.
 */
export function wordOf(text: string, env: Environment = process.env): string {
  if (!env["PSModulePath"]) return plain.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
  if (plainOnWindows.test(text)) return text;
  return /["$%`“”„]/u.test(text) ? `'${text.replaceAll(/['‘’‚‛]/gu, "$&$&")}'` : `"${text}"`;
}
