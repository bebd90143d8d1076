import process from "node:process";
import { version } from "./gen/package.gen.ts";
import { guardOutput } from "./run/stdout.ts";
import { processIo } from "./process/program-io.ts";

/** Runs the command line. Loads the program only where more than its version is asked for. */
export async function start(args: readonly string[]): Promise<void> {
  guardOutput();
  const [first, ...rest] = args;
  if ((first === "--version" || first === "-V") && rest.length === 0) process.stdout.write(`${version}\n`);
  else if (first === "__complete") {
    await (await import("./commands/completion/remembered.ts")).completeRemembered(rest, processIo);
  } else await (await import("./program.ts")).runProgram(args, processIo);
}
