import type { TestProject } from "vitest/node";
import { startTestServer } from "./start-test-server.ts";
import type { TestServer } from "./test-server.ts";

declare module "vitest" {
  interface ProvidedContext {
    target: TestServer;
  }
}

/** Starts the servers before the tests, provides their addresses, and stops them at the end. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const started = await startTestServer();
  project.provide("target", started.target);
  return async () => {
    try {
      started.checkTidy();
    } finally {
      await started[Symbol.asyncDispose]();
    }
  };
}
