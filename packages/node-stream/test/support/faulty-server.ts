import type { IncomingMessage, ServerResponse } from "node:http";
import type { ServerOptions } from "node:https";
import { rangeOf, startByteServer } from "./byte-server.ts";
import type { ByteServer } from "./byte-server.ts";

/** What goes wrong with one response. `atByte` counts from the start of the file; a part that does not reach it is served whole. */
export type Fault =
  | { readonly kind: "reset"; readonly atByte: number }
  /** The connection ends in good order, in the middle. */
  | { readonly kind: "shortClose"; readonly atByte: number }
  /** The body ends in good order, in the middle, without a stated length. */
  | { readonly kind: "truncate"; readonly atByte: number }
  | { readonly kind: "stall"; readonly atByte: number }
  | { readonly kind: "corrupt"; readonly atByte: number }
  | { readonly kind: "ignoreRange" }
  | { readonly kind: "status"; readonly status: number; readonly headers?: Record<string, string> }
  | { readonly kind: "page"; readonly contentType: string }
  | { readonly kind: "wrongRange"; readonly shift: number }
  | { readonly kind: "tooMuch" }
  | { readonly kind: "changed"; readonly bytes: Buffer; readonly etag: string | undefined };

/** How the server behaves without a fault. */
export interface Manners {
  readonly ranges: boolean;
  readonly etag: string | undefined;
  readonly framing: "length" | "chunked" | "close";
}

export const goodManners: Manners = { ranges: true, etag: '"v1"', framing: "length" };
/** Those of vcsim. */
export const poorManners: Manners = { ranges: false, etag: undefined, framing: "chunked" };

/** The same fault for every request. */
export function always(fault: Fault): readonly Fault[] {
  return Array.from({ length: 99 }, () => fault);
}

/** Serves one file at every path; each fault affects one request, in order. */
export async function startFaultyServer(
  file: Buffer,
  faults: readonly (Fault | undefined)[],
  manners: Manners = goodManners,
  tls?: ServerOptions,
): Promise<ByteServer> {
  const changedAt = faults.findIndex((fault) => fault?.kind === "changed");
  return startByteServer((request, response, index) => {
    const fault = faults[index];
    if (fault?.kind === "status") response.writeHead(fault.status, fault.headers).end("{}");
    else if (fault?.kind === "page")
      response.writeHead(200, { "content-type": fault.contentType }).end("<html>Log in</html>");
    else {
      const changed = changedAt !== -1 && index >= changedAt ? faults[changedAt] : undefined;
      const now = changed?.kind === "changed" ? changed : { bytes: file, etag: manners.etag };
      answer(request, response, now, manners, fault);
    }
  }, tls);
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { bytes, etag }: { readonly bytes: Buffer; readonly etag: string | undefined },
  manners: Manners,
  fault: Fault | undefined,
): void {
  const range = manners.ranges && fault?.kind !== "ignoreRange" ? rangeOf(request, bytes.length, etag) : undefined;
  if (range === "unsatisfiable") {
    response.writeHead(416, { "content-range": `bytes */${bytes.length}` }).end();
    return;
  }
  const shift = range !== undefined && fault?.kind === "wrongRange" ? fault.shift : 0;
  const first = (range?.first ?? 0) + shift;
  const last = range?.last ?? bytes.length - 1;
  const framing = fault?.kind === "truncate" || fault?.kind === "tooMuch" ? "chunked" : manners.framing;
  response.useChunkedEncodingByDefault = framing !== "close";
  response.writeHead(range === undefined ? 200 : 206, {
    "content-type": "application/octet-stream",
    ...(framing === "length" ? { "content-length": last - first + 1 } : {}),
    ...(framing === "close" ? { connection: "close" } : {}),
    ...(etag === undefined ? {} : { etag }),
    ...(range === undefined ? {} : { "content-range": `bytes ${first}-${last}/${bytes.length}` }),
  });
  send(response, Buffer.from(bytes.subarray(first, last + 1)), first, fault);
}

function send(response: ServerResponse, part: Buffer, first: number, fault: Fault | undefined): void {
  const at = fault !== undefined && "atByte" in fault ? fault.atByte - first : -1;
  if (fault === undefined || !("atByte" in fault) || at < 0 || at > part.length) {
    response.end(fault?.kind === "tooMuch" ? Buffer.concat([part, Buffer.from("more")]) : part);
  } else if (fault.kind === "corrupt") {
    part[at] = (part[at] ?? 0) ^ 1;
    response.end(part);
  } else if (fault.kind === "truncate") response.end(part.subarray(0, at));
  else breakOff(response, part.subarray(0, at), fault.kind);
}

function breakOff(response: ServerResponse, part: Buffer, kind: "reset" | "shortClose" | "stall"): void {
  response.flushHeaders();
  response.write(part.length === 0 ? "" : part, () => {
    if (kind === "reset") response.socket?.resetAndDestroy();
    if (kind === "shortClose") response.socket?.end();
  });
}
