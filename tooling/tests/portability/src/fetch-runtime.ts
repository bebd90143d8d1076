import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Runtime } from "./runtime.ts";

const run = promisify(execFile);

/**
 * Downloads a runtime from the npm registry into pnpm's cache, unless it is cached.
 * Returns the path of its executable.
 */
export async function fetchRuntime(runtime: Runtime): Promise<string> {
  const { name, version, spec, installScriptOf, command, printPath } = runtime;
  const allowed = installScriptOf === undefined ? [] : [`--allow-build=${installScriptOf}`];
  const args = ["--silent", `--package=${spec}`, ...allowed, "dlx", command, ...printPath];
  try {
    const { stdout } = await run("pnpm", args, { timeout: 300_000 });
    return stdout.trim().split("\n").at(-1) ?? "";
  } catch (error) {
    const { stderr = "", message } = error as Error & { readonly stderr?: string };
    throw new Error(
      `${name} ${version} could not be had from the npm registry by "pnpm ${args.join(" ")}". ` +
        `This needs the network, and a kind of machine that the package was made for.\n${stderr || message}`,
      { cause: error },
    );
  }
}
