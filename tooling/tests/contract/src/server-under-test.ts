import type { WireStyle } from "@carrel/core";
import { startSimulator } from "@carrel/simulator";
import type { Simulator, SimulatorOptions } from "@carrel/simulator";
import { startVcsim } from "@carrel/vcsim";

/** A server that the exchanges are held with. It starts empty. */
export interface ServerUnderTest extends AsyncDisposable {
  readonly style: WireStyle;
  /** The origin, `https://127.0.0.1:PORT`. */
  readonly url: string;
  /** The certificate that it presents, as PEM text. */
  readonly certificate: string;
  readonly user: string;
  readonly password: string;
  /** A datastore that libraries can be backed by. */
  readonly datastoreId: string;
}

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

/** Starts govmomi's simulator, which knows the legacy style only, as the contract's server. */
export async function vcsimUnderTest(): Promise<ServerUnderTest> {
  const vcsim = await startVcsim();
  return {
    style: "rest",
    url: vcsim.url,
    certificate: vcsim.certificate,
    user: vcsim.user,
    password: vcsim.password,
    datastoreId: vcsim.datastoreId,
    [Symbol.asyncDispose]: () => vcsim[Symbol.asyncDispose](),
  };
}
