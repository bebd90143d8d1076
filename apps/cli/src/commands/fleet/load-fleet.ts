import { version } from "../../gen/package.gen.ts";
import { CliError, exitCodes } from "../../process/cli-error.ts";

/** Loads what reads and checks documents: little, and no database. */
export async function loadDocuments(): Promise<typeof import("@carrel/fleet/document")> {
  return await load(() => import("@carrel/fleet/document"));
}

/** Loads the engine, with its databases. Only commands that open the fleet need it. */
export async function loadEngine(): Promise<typeof import("@carrel/fleet")> {
  return await load(() => import("@carrel/fleet"));
}

/** An optional dependency, which an installation may leave out. */
async function load<T>(start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause && cause.code === "ERR_MODULE_NOT_FOUND")) throw cause;
    throw new CliError("Fleets need the package @carrel/fleet, which is not installed", {
      exitCode: exitCodes.failed,
      hints: [`Install it beside carrel: npm install @carrel/fleet@${version}`],
      cause,
    });
  }
}
