// An HTTP server for the files of all items, with ranges: GET /LIBRARY/ITEM/FILE.
// Usage: node src/serve.ts [PORT]
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { CarrelError, TransferError } from "@carrel/core";
import { openItemFile, openItemRandomAccess } from "@carrel/node-stream";
import { connect, findItem } from "./vcenter.ts";
import type { Vcenter } from "./vcenter.ts";

/** A server that is not yet listening. */
export function fileServer(vcenter: Vcenter): Server {
  return createServer((request, response) => {
    answer(vcenter, request, response).catch((error: unknown) => {
      // Once bytes were sent, only a connection that breaks tells the client that they are not all, or not right.
      if (response.headersSent) response.destroy();
      else response.writeHead(isMissing(error) ? 404 : 502).end();
    });
  });
}

async function answer({ client, pool }: Vcenter, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== "GET") {
    response.writeHead(405, { allow: "GET" }).end();
    return;
  }
  const { pathname } = new URL(request.url ?? "", "http://localhost");
  const [library = "", item = "", fileName = ""] = pathname.slice(1).split("/").map(decodeURIComponent);
  const itemId = await findItem(client, library, item);
  response.setHeader("content-type", "application/octet-stream");
  response.setHeader("accept-ranges", "bytes");
  if (request.headers.range === undefined) {
    // The stream owns its download session, and ends it when the client leaves. It is verified before its last bytes.
    const file = await openItemFile(client, itemId, fileName, { pool });
    const { totalBytes } = await file.opened;
    if (totalBytes !== undefined) response.setHeader("content-length", totalBytes);
    await pipeline(file, response);
    return;
  }
  await using file = await openItemRandomAccess(client, itemId, fileName, { pool });
  const range = parseRange(request.headers.range, file.sizeBytes);
  if (range === undefined) {
    response.writeHead(416, { "content-range": `bytes */${file.sizeBytes}` }).end();
    return;
  }
  const { start, end } = range;
  response.writeHead(206, {
    "content-length": end - start + 1,
    "content-range": `bytes ${start}-${end}/${file.sizeBytes}`,
  });
  await pipeline(file.stream(start, end - start + 1), response);
}

/** The bytes of `bytes=0-99`, `bytes=100-` or `bytes=-100`; undefined where there are none, or for several ranges. */
export function parseRange(header: string, sizeBytes: number): { start: number; end: number } | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header) ?? [];
  if (first === undefined || last === undefined || first + last === "") return undefined;
  const start = first === "" ? Math.max(0, sizeBytes - Number(last)) : Number(first);
  const end = first === "" || last === "" ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1);
  return start <= end ? { start, end } : undefined;
}

function isMissing(error: unknown): boolean {
  if (error instanceof TransferError) return error.problem === "no-match";
  return !(error instanceof CarrelError) || error.code === "NOT_FOUND";
}

if (import.meta.main) {
  const vcenter = connect();
  const server = fileServer(vcenter).listen(Number(process.argv[2] ?? 0), "127.0.0.1", () => {
    const address = server.address();
    console.log(`http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/LIBRARY/ITEM/FILE`);
  });
  process.once("SIGINT", () => {
    server.close();
    server.closeAllConnections();
    void vcenter[Symbol.asyncDispose]();
  });
}
