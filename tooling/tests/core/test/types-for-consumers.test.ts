import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { isSoak } from "@carrel/test-kit";
import { expect, test } from "vitest";

const run = promisify(execFile);
const { resolve } = createRequire(import.meta.url);
// The older ones take ten times as long.
const compilers = ["typescript", ...(isSoak ? ["typescript-5-8", "typescript-5-9", "typescript-6-0"] : [])];
const templates = ["vite", "angular"];

test.each(templates.flatMap((template) => compilers.map((compiler) => ({ template, compiler }))))(
  "the built types compile with what the template of $template sets, and $compiler",
  async ({ template, compiler }) => {
    const tsc = join(dirname(resolve(`${compiler}/package.json`)), "bin/tsc");
    const project = fileURLToPath(new URL(`consumers/tsconfig.${template}.json`, import.meta.url));
    const { stdout } = await run(process.execPath, [tsc, "-p", project]).catch(
      (error: unknown) => error as { stdout: string },
    );
    expect(stdout).toBe("");
  },
  120_000,
);
