import { expect, vi } from "vitest";
import type { DiagnosticEvent } from "../../src/index.ts";
import { manualClock } from "./manual-clock.ts";
import { startSessionService } from "./session-service.ts";
import type { SessionService } from "./session-service.ts";
import { testClient } from "./test-client.ts";

/** Waits for a condition. */
export const waitFor = (check: () => void): Promise<void> => vi.waitFor(check, { interval: 1, timeout: 20_000 });

/** How often an operation was called. */
export const count = (service: SessionService, call: string): number =>
  service.calls.filter((each) => each === call).length;

/** A client of a session service, on a clock that a test moves. */
export async function setUp(lifeMs?: number) {
  const clock = manualClock();
  const service = await startSessionService(clock, lifeMs);
  const client = testClient(service.origin, { clock, retry: { limit: 0 } });
  const events: DiagnosticEvent[] = [];
  let inFlight = 0;
  client.onDiagnostic((event) => {
    events.push(event);
    if (event.type === "request") inFlight += 1;
    if (event.type === "response" || event.type === "failure") inFlight -= 1;
  });
  return {
    clock,
    /** Waits until every request is answered and what follows from the answers has been done. */
    async idle() {
      await waitFor(() => expect(inFlight).toBe(0));
      await new Promise((resolve) => setImmediate(resolve));
    },
    service,
    client,
    events,
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await service[Symbol.asyncDispose]();
    },
  };
}
