import type { ServerResponse } from "node:http";
import type { ServerOptions } from "node:https";
import { rangeOf, startByteServer } from "./byte-server.ts";
import type { ByteServer } from "./byte-server.ts";

/** What goes wrong with one answer. `atByte` counts from the start of the file; a part that does not reach it is served whole. */
export type Fault =
  | { readonly kind: "reset"; readonly atByte: number }
  /** The connection ends in good order, in the middle. */
  | { readonly kind: "shortClose"; readonly atByte: number }
  /** The body ends in good order, in the middle, without a length to tell. */
  | { readonly kind: "truncate"; readonly atByte: number }
  | { readonly kind: "stall"; readonly atByte: number }
  | { readonly kind: "corrupt"; readonly atByte: number }
  | { readonly kind: "ignoreRange" }
  | { readonly kind: "status"; readonly status: number; readonly headers?: Record<string, string> }
  | { readonly kind: "page"; readonly contentType: string }
  | { readonly kind: "wrongRange"; readonly shift: number }
  | { readonly kind: "tooMuch" }
  | { readonly kind: "changed"; readonly bytes: Buffer; readonly etag: string | undefined };

/** How the server behaves when nothing goes wrong. */
export interface Manners {
  readonly ranges: boolean;
  readonly etag: string | undefined;
  readonly framing: "length" | "chunked" | "close";
}

export const goodManners: Manners = { ranges: true, etag: '"v1"', framing: "length" };
/** As vcsim has them. */
export const poorManners: Manners = { ranges: false, etag: undefined, framing: "chunked" };

/** Serves one file at every path; each fault strikes one request, in order, then all is well. */
export async function startFaultyServer(
  file: Buffer,
  faults: readonly (Fault | undefined)[],
  manners: Manners = goodManners,
  tls?: ServerOptions,
): Promise<ByteServer> {
  const changed = faults.find((fault) => fault?.kind === "changed");
  return startByteServer((request, response, index) => {
    const fault = faults[index];
    const isChanged = changed !== undefined && index >= faults.indexOf(changed);
    const bytes = isChanged ? changed.bytes : file;
    const etag = isChanged ? changed.etag : manners.etag;
    if (fault?.kind === "status") return void response.writeHead(fault.status, fault.headers).end("{}");
    if (fault?.kind === "page") {
      return void response.writeHead(200, { "content-type": fault.contentType }).end("<html>Log in</html>");
    }
    const honoured = manners.ranges && fault?.kind !== "ignoreRange" ? rangeOf(request, bytes.length, etag) : undefined;
    if (honoured === "unsatisfiable") {
      return void response.writeHead(416, { "content-range": `bytes */${bytes.length}` }).end();
    }
    const shift = honoured !== undefined && fault?.kind === "wrongRange" ? fault.shift : 0;
    const first = (honoured?.first ?? 0) + shift;
    const last = honoured?.last ?? bytes.length - 1;
    const isClosed = fault?.kind === "shortClose" && manners.framing === "close";
    const isOpenEnded = fault?.kind === "truncate" || fault?.kind === "tooMuch";
    const framing = isOpenEnded ? "chunked" : manners.framing;
    response.writeHead(honoured === undefined ? 200 : 206, {
      "content-type": "application/octet-stream",
      ...(framing === "length" ? { "content-length": last - first + 1 } : {}),
      ...(framing === "close" || isClosed ? { connection: "close", "transfer-encoding": "identity" } : {}),
      ...(etag === undefined ? {} : { etag }),
      ...(honoured === undefined ? {} : { "content-range": `bytes ${first}-${last}/${bytes.length}` }),
    });
    return void send(response, Buffer.from(bytes.subarray(first, last + 1)), first, fault);
  }, tls);
}

function send(response: ServerResponse, part: Buffer, first: number, fault: Fault | undefined): void {
  if (fault !== undefined && "atByte" in fault) {
    const at = fault.atByte - first;
    if (at >= 0 && at <= part.length) {
      if (fault.kind === "corrupt" && at < part.length) part[at] = (part[at] ?? 0) ^ 1;
      if (fault.kind !== "corrupt") return breakOff(response, part.subarray(0, at), fault.kind);
    }
  }
  response.end(fault?.kind === "tooMuch" ? Buffer.concat([part, Buffer.from("more")]) : part);
}

function breakOff(response: ServerResponse, part: Buffer, kind: "reset" | "shortClose" | "truncate" | "stall"): void {
  if (kind === "truncate") return void response.end(part);
  response.flushHeaders();
  response.write(part.length === 0 ? "" : part, () => {
    if (kind === "reset") response.socket?.resetAndDestroy();
    if (kind === "shortClose") response.socket?.end();
  });
}
