import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { TestProject } from "vitest/node";
import { packAll } from "./pack.ts";
import type { Packed } from "./pack.ts";
import { startRegistry } from "./registry.ts";

declare module "vitest" {
  interface ProvidedContext {
    readonly packages: readonly Packed[];
    /** Address of a registry with the packed packages. */
    readonly registry: string;
  }
}

/** Packs the packages, and serves them from a registry while the tests run. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "carrel-packed-"));
  const { stdout: upstream } = await promisify(execFile)("npm", ["config", "get", "registry"], { cwd: folder });
  const packages = await packAll(folder);
  const registry = await startRegistry(packages, upstream.trim());
  project.provide("packages", packages);
  project.provide("registry", registry.url);
  return async () => {
    await registry[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  };
}
