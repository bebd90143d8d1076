// Runs a script of the root package.json on a clone in any state: first installs what is missing.
// Plain JavaScript for Node 20: this is the only file that runs on the machine's own Node.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const PNPM = "pnpm@12.21.0";
const root = fileURLToPath(new URL("../../..", import.meta.url));
const stamp = join(root, "node_modules", ".carrel-install");
// Where pnpm has Node keep compiled code: without it, in the directory for temporary files.
const env = { NODE_COMPILE_CACHE: join(root, "node_modules", ".cache", "node-compile"), ...process.env };

function run(command, args, options = {}) {
  const windows = process.platform === "win32";
  const result = spawnSync(command, args, { cwd: root, env, stdio: "inherit", shell: windows, ...options });
  if (result.error) {
    console.error(`${command} could not be started: ${result.error.message}`);
    return 1;
  }
  return result.status ?? 130;
}

function lockfileDigest() {
  return createHash("sha256")
    .update(readFileSync(join(root, "pnpm-lock.yaml")))
    .update(process.platform + process.arch)
    .digest("hex");
}

const [script, ...rest] = process.argv.slice(2);
if (!script) {
  console.error("usage: node tooling/build/setup/run.mjs SCRIPT [ARGUMENTS]");
  process.exit(2);
}

const wanted = lockfileDigest();
const installed = existsSync(stamp) ? readFileSync(stamp, "utf8") : "";
if (installed !== wanted) {
  console.error("Installing dependencies (once per lockfile) ...");
  const status = run("npx", ["-y", PNPM, "install", "--frozen-lockfile", "--reporter=append-only"], {
    stdio: ["ignore", 2, "inherit"],
  });
  if (status !== 0) {
    console.error("The install failed: see the message above. It needs Node 20 or later, npm, and the npm registry.");
    process.exit(status);
  }
  writeFileSync(stamp, wanted);
}

process.exit(run("npx", ["pnpm", "run", "--silent", script, ...rest]));
