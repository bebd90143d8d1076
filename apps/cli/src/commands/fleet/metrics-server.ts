import { once } from "node:events";
import { createServer } from "node:http";
import type { ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { FleetStatus } from "@carrel/fleet";
import { systemCode } from "@carrel/node-stream/fs";
import { version } from "../../gen/package.gen.ts";
import { printable } from "../../output/printable.ts";
import { CliError, exitCodes, usageError } from "../../process/cli-error.ts";
import { metricsText } from "./metrics.ts";
import type { WorkerCounts } from "./metrics.ts";

/** A monitor that asks often, or several monitors, cost one look at the database. */
const freshMs = 1_000;
/** How long a database may take before the worker counts as not healthy. */
const patienceMs = 5_000;

/** Where metrics are served. */
export interface MetricsServer extends AsyncDisposable {
  readonly url: string;
}

/**
 * Serves `/metrics` and `/healthz` over HTTP. They name vCenters, mirrors and counts, and nothing else. `/healthz` answers 200
 * while the database answers, and 503 otherwise.
 *
 * @param address - `HOST:PORT`, `[IPV6]:PORT` or `PORT`, which is one of this machine alone.
 */
export async function serveMetrics(
  address: string,
  status: () => Promise<FleetStatus>,
  counts: WorkerCounts,
): Promise<MetricsServer> {
  const { host, port } = readAddress(address);
  const look = recent(status);
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    if (request.method !== "GET" && request.method !== "HEAD") response.writeHead(405).end();
    else if (path === "/metrics") void answer(response, async () => metricsText(await look(), counts, version));
    else if (path === "/healthz") void answer(response, async () => (await look(), "ok\n"));
    else response.writeHead(404).end();
  });
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (error) {
    const reason = refusals[systemCode(error) ?? ""] ?? (error as Error).message;
    throw new CliError(`Cannot serve metrics at ${printable(address)}: ${reason}`, {
      exitCode: exitCodes.usage,
      hints: ["Use another address or port. With port 0 it is any free one."],
    });
  }
  const { port: actual, address: bound, family } = server.address() as AddressInfo;
  return {
    url: `http://${family === "IPv6" ? `[${bound}]` : bound}:${actual}`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

const refusals: Readonly<Record<string, string>> = {
  EADDRINUSE: "another program uses it",
  EACCES: "this user may not",
  EADDRNOTAVAIL: "this machine does not have it",
  ENOTFOUND: "the name is not known",
};

async function answer(response: ServerResponse, body: () => Promise<string>): Promise<void> {
  const type = "text/plain; version=0.0.4; charset=utf-8";
  try {
    const text = await body();
    response.writeHead(200, { "content-type": type }).end(text);
  } catch {
    // Why is said by the worker itself, and not to everybody who can reach this port.
    response.writeHead(503, { "content-type": type }).end("The database does not answer\n");
  }
}

/** Looks at most once a second, and not in vain at a database that does not answer. */
function recent(status: () => Promise<FleetStatus>): () => Promise<FleetStatus> {
  let last: { readonly atMs: number; readonly status: Promise<FleetStatus> } | undefined;
  return async () => {
    const nowMs = performance.now();
    if (last === undefined || nowMs - last.atMs > freshMs) last = { atMs: nowMs, status: status() };
    const { status: looked } = last;
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(new Error("The database did not answer in time")), patienceMs);
    try {
      return await Promise.race([looked, late]);
    } finally {
      clearTimeout(timer);
    }
  };
}

function readAddress(text: string): { readonly host: string; readonly port: number } {
  const {
    host = "127.0.0.1",
    v6,
    port = "",
  } = /^(?:(?:\[(?<v6>[^\]]+)\]|(?<host>[^:\s]+)):)?(?<port>\d{1,5})$/u.exec(text)?.groups ?? {};
  if (port !== "" && Number(port) <= 65_535) return { host: v6 ?? host, port: Number(port) };
  throw usageError(`--metrics: invalid value "${printable(text)}"`, "Write it as HOST:PORT, such as 127.0.0.1:9464");
}
