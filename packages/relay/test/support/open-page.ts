import { createServer } from "node:http";
import type { RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { startSimulator } from "@carrel/simulator";
import type { Simulator, SimulatorOptions } from "@carrel/simulator";
import { createRelay } from "../../src/index.ts";
import type { Relay, RelayOptions } from "../../src/index.ts";

export const path = "/vc/lab";

/** A site with a relay to a simulator over TLS, and a page on it. */
export interface OpenPage extends AsyncDisposable {
  readonly origin: string;
  readonly simulator: Simulator;
  readonly relay: Relay;
  /** What the relay reported. */
  readonly errors: readonly Error[];
  /** The cookie that the browser has of the site. */
  readonly cookie: () => string | undefined;
  /** Sends what a browser would send for a page of this site. */
  readonly fetch: typeof globalThis.fetch;
}

/** A server on any free port of 127.0.0.1. */
export async function openServer(listener: RequestListener): Promise<{ readonly origin: string } & AsyncDisposable> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const items = [{ name: "debian", id: "item-1", files: [{ name: "disk #1 größer.iso", sizeBytes: 3_000_001 }] }];

export async function openPage(
  options: Partial<RelayOptions> = {},
  simulated: SimulatorOptions = {},
): Promise<OpenPage> {
  const simulator = await startSimulator({
    tls: true,
    transferOrigin: "own",
    libraries: [{ name: "images", items }],
    ...simulated,
  });
  const errors: Error[] = [];
  const relay = createRelay({
    endpoint: simulator.url,
    path,
    thumbprint: simulator.certificate?.sha256 ?? "",
    proxy: false,
    onError: (error) => errors.push(error),
    ...options,
  });
  const server = await openServer(relay.listener);
  const { origin } = server;
  let cookie: string | undefined;
  return {
    origin,
    simulator,
    relay,
    errors,
    cookie: () => cookie,
    async fetch(input, init) {
      const headers = new Headers(init?.headers);
      headers.set("sec-fetch-site", "same-origin");
      if (init?.method !== undefined && init.method !== "GET") headers.set("origin", origin);
      if (cookie !== undefined) headers.set("cookie", cookie);
      const response = await globalThis.fetch(input, { ...init, headers });
      cookie = response.headers.get("set-cookie")?.split(";")[0] ?? cookie;
      return response;
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await relay.close();
      await simulator.close();
    },
  };
}
