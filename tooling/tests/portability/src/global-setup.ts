import type { TestProject } from "vitest/node";
import { startTarget } from "./start-target.ts";
import type { Target } from "./target.ts";

declare module "vitest" {
  interface ProvidedContext {
    target: Target;
  }
}

/** Starts the servers before the tests, gives the tests their addresses, and ends them. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const started = await startTarget();
  project.provide("target", started.target);
  return async () => {
    try {
      started.checkTidy();
    } finally {
      await started[Symbol.asyncDispose]();
    }
  };
}
