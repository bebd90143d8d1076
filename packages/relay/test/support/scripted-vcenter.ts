import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A vCenter whose answers a test writes. */
export interface ScriptedVcenter extends AsyncDisposable {
  readonly origin: string;
  /** Method, target and headers of each request. */
  readonly received: { readonly line: string; readonly headers: IncomingMessage["headers"] }[];
}

export async function startScriptedVcenter(
  answer: (response: ServerResponse, request: IncomingMessage) => void,
): Promise<ScriptedVcenter> {
  const received: ScriptedVcenter["received"] = [];
  const server = createServer((request, response) => {
    received.push({ line: `${request.method} ${request.url}`, headers: request.headers });
    request.resume().on("end", () => answer(response, request));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function json(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
}
