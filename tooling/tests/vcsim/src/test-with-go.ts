import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { buildGoCommand, findGo, goMissing } from "./go.ts";
import type { GoCommand } from "./go.ts";

const onCi = !["", "0", "false"].includes(process.env["CI"] ?? "");

async function runTests(args: readonly string[]): Promise<number> {
  const vitest = fileURLToPath(new URL("vitest.mjs", import.meta.resolve("vitest/package.json")));
  const tests = spawn(process.execPath, [vitest, "run", "--config", "vitest.vcsim.config.ts", ...args], {
    stdio: "inherit",
  });
  const [code] = (await once(tests, "close")) as [number | null];
  return code ?? 1;
}

/**
 * Builds a command and runs the tests that need it: vitest.vcsim.config.ts of the current folder, with `args` for Vitest.
 * Resolves with the exit code: without Go 0, but 1 when `CI` is set.
 */
export async function testWithGo(command: GoCommand, args: readonly string[]): Promise<number> {
  const { name } = command;
  const go = findGo();
  if (go === undefined) {
    const left = `The tests with ${name} were not run.`;
    process.stdout.write(`${goMissing} ${left}${onCi ? " With CI=true that is a failure: install Go." : ""}\n`);
    return onCi ? 1 : 0;
  }
  process.stdout.write(`Building ${name} with ${go}. The first time takes some minutes.\n`);
  try {
    const durationMs = await buildGoCommand(go, command);
    process.stdout.write(`Built in ${(durationMs / 1000).toFixed(1)} s.\n`);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return 1;
  }
  return runTests(args);
}
