// Builds vcsim and runs the tests that need it: vitest.vcsim.config.ts of the package this is started in.
import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { buildVcsim } from "./build-vcsim.ts";
import { findGo, goMissing } from "./go.ts";

const onCi = !["", "0", "false"].includes(process.env["CI"] ?? "");

async function runTests(args: readonly string[]): Promise<number> {
  const vitest = fileURLToPath(new URL("vitest.mjs", import.meta.resolve("vitest/package.json")));
  const tests = spawn(process.execPath, [vitest, "run", "--config", "vitest.vcsim.config.ts", ...args], {
    stdio: "inherit",
  });
  const [code] = (await once(tests, "close")) as [number | null];
  return code ?? 1;
}

async function main(args: readonly string[]): Promise<number> {
  const go = findGo();
  if (go === undefined) {
    const left = "The tests against govmomi's vCenter simulator were not run.";
    process.stdout.write(`${goMissing} ${left}${onCi ? " With CI=true that is a failure: install Go." : ""}\n`);
    return onCi ? 1 : 0;
  }
  process.stdout.write(`Building vcsim with ${go}. The first time takes about a minute.\n`);
  try {
    const { durationMs } = await buildVcsim(go);
    process.stdout.write(`Built in ${(durationMs / 1000).toFixed(1)} s.\n`);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return 1;
  }
  return runTests(args);
}

process.exitCode = await main(process.argv.slice(2));
