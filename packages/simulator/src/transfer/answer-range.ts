import type { IncomingHttpHeaders } from "node:http";
import type { ItemFile } from "../state/library.ts";
import { readRange } from "./range.ts";
import type { TransferRules } from "./transfer-rules.ts";

/** Which bytes to send, and under which status and headers. */
export interface RangeAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly start: number;
  /** Excluded. */
  readonly end: number;
}

/** Decides what a request for a file gets. */
export function answerRange(
  request: IncomingHttpHeaders,
  file: ItemFile,
  rules: Required<TransferRules>,
  etag: string = etagOf(file),
): RangeAnswer {
  const { sizeBytes } = file.content;
  const common = {
    "Content-Type": "application/octet-stream",
    ...(rules.ranges ? { "Accept-Ranges": "bytes" } : {}),
    ...(rules.etag ? { ETag: etag } : {}),
  };
  const ifRange = request["if-range"];
  const stale = rules.ifRange && typeof ifRange === "string" && !(rules.etag && ifRange === etag);
  const asked = rules.ranges && !stale ? readRange(request.range, sizeBytes) : { kind: "whole" as const };
  if (asked.kind === "unsatisfiable") {
    const headers = { ...common, "Content-Range": `bytes */${sizeBytes}`, "Content-Length": "0" };
    return { status: 416, headers, start: 0, end: 0 };
  }
  const { start, end } = asked.kind === "part" ? asked : { start: 0, end: sizeBytes };
  const headers = {
    ...common,
    ...(rules.contentLength ? { "Content-Length": String(end - start) } : {}),
    ...(asked.kind === "part" ? { "Content-Range": `bytes ${start}-${end - 1}/${sizeBytes}` } : {}),
  };
  return { status: asked.kind === "part" ? 206 : 200, headers, start, end };
}

/** A strong validator: changes with the file's version. */
export function etagOf(file: ItemFile): string {
  return `"${file.version}-${file.content.sizeBytes.toString(16)}"`;
}
