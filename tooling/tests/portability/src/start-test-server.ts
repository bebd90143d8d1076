import { startSimulator } from "@carrel/simulator";
import { openDatelessProxy } from "./dateless-proxy.ts";
import { openRedirectingServer } from "./redirecting-server.ts";
import { openServer } from "./open-server.ts";
import { expectedBytes } from "./test-server.ts";
import type { TestServer } from "./test-server.ts";

/** The servers of the scenarios. */
export interface StartedTarget extends AsyncDisposable {
  readonly target: TestServer;
  /** Throws where a scenario left a session open. */
  checkTidy(): void;
}

const libraryName = "images";
const itemName = "ubuntu";
const fileName = "disk 0 größer.iso";
const sizeBytes = 300_001;
/** So short that a lease renews itself within about a second. */
const lifeMs = 3_000;

/** Starts them: a simulator that lets pages of other origins in, and what else a target has. */
export async function startTestServer(): Promise<StartedTarget> {
  const simulator = await startSimulator({
    cors: true,
    lease: { lifeMs },
    prepare: { preparingMs: 100 },
    libraries: [
      {
        name: libraryName,
        items: [{ name: itemName, type: "iso", files: [{ name: fileName, bytes: expectedBytes(sizeBytes) }] }],
      },
    ],
  });
  const dateless = await openDatelessProxy(simulator.url);
  const redirecting = await openRedirectingServer();
  const dead = await openServer(() => undefined);
  await dead[Symbol.asyncDispose]();
  return {
    target: {
      origin: simulator.url.origin,
      datelessOrigin: dateless.origin,
      redirectingOrigin: redirecting.origin,
      deadOrigin: dead.origin,
      ...simulator.credentials,
      libraryName,
      itemName,
      fileName,
      sizeBytes,
    },
    checkTidy() {
      const { openSessions, openApiSessions } = simulator;
      if (openSessions.length + openApiSessions.length === 0) return;
      throw new Error(
        `Left open: ${openSessions.length} download sessions, ${openApiSessions.length} API sessions. Each scenario ends its own.`,
      );
    },
    async [Symbol.asyncDispose]() {
      await redirecting[Symbol.asyncDispose]();
      await dateless[Symbol.asyncDispose]();
      await simulator[Symbol.asyncDispose]();
    },
  };
}
