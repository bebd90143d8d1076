import type { WireStyle } from "@carrel/core";
import { startSimulator } from "@carrel/simulator";
import type { Simulator, SimulatorOptions } from "@carrel/simulator";
import type { ServerUnderTest } from "./server-under-test.ts";

/** A simulator that speaks TLS, as the contract's server. */
export interface SimulatorUnderTest extends ServerUnderTest {
  readonly simulator: Simulator;
}

/** Starts a simulator for the exchanges of one style. */
export async function simulatorUnderTest(
  style: WireStyle,
  options: SimulatorOptions = {},
): Promise<SimulatorUnderTest> {
  const simulator = await startSimulator({ tls: true, ...options });
  return {
    simulator,
    style,
    url: simulator.url.origin,
    certificate: simulator.certificate?.pem ?? "",
    user: simulator.credentials.username,
    password: simulator.credentials.password,
    datastoreId: "datastore-1",
    [Symbol.asyncDispose]: () => simulator[Symbol.asyncDispose](),
  };
}
