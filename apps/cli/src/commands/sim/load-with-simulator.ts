import { CliError } from "../../process/cli-error.ts";
import { exitCodes } from "../../process/exit-code.ts";
import { version } from "../../gen/package.gen.ts";

/** Loads code that imports the simulator, an optional dependency: an install may leave it out. */
export async function loadWithSimulator<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause && cause.code === "ERR_MODULE_NOT_FOUND")) throw cause;
    throw new CliError("This command needs the package @carrel/simulator, which is not installed", {
      exitCode: exitCodes.failed,
      hints: [`Install it beside carrel: npm install @carrel/simulator@${version}`],
      cause,
    });
  }
}
