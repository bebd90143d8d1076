// Usage: node tooling/checks/repo-lint/src/platforms.ts
// Asks the registry, through pnpm, which platform packages each locked native tool has, and reports those that the lockfile
// lacks: pnpm silently leaves out what it cannot find, and then a clone fails on the machine that needs it.
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { parse } from "yaml";
import { missingPlatforms, nativePackages } from "./platform-packages.ts";
import type { NativePackage } from "./platform-packages.ts";

/** Packages that need none, and why. */
const tolerated: Readonly<Record<string, string>> = {
  pnpm: "its launcher downloads the executable at first use where the lockfile has none",
};

const lockfile = parse(await readFile(new URL("../../../../pnpm-lock.yaml", import.meta.url), "utf8")) as object;

async function listedPlatforms({ name, version }: NativePackage): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)(
    "pnpm",
    ["view", `${name}@${version}`, "optionalDependencies", "--json"],
    { shell: process.platform === "win32" },
  );
  return Object.keys(stdout.trim() ? (JSON.parse(stdout) as object) : {});
}

let incomplete = 0;
for (const native of nativePackages(lockfile)) {
  const missing = missingPlatforms(native, await listedPlatforms(native));
  const label = `${native.name}@${native.version}`;
  const reason = tolerated[native.name];
  if (missing.length === 0) {
    console.log(`${label}: complete`);
  } else if (reason !== undefined) {
    console.log(`${label}: without ${missing.join(", ")}, but ${reason}`);
  } else {
    incomplete++;
    console.error(
      `pnpm-lock.yaml: platforms: ${label} lacks ${missing.join(", ")}. ` +
        `Fix: pin a version in pnpm-workspace.yaml whose packages are all on the registry, and install again.`,
    );
  }
}
if (incomplete > 0) process.exitCode = 1;
