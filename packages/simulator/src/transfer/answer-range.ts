import type { IncomingHttpHeaders } from "node:http";
import type { ActiveFaults } from "../faults/active-faults.ts";
import type { ItemFile } from "../model/library.ts";
import { readRange } from "./range.ts";
import type { FullTransferRules } from "../model/transfer-rules.ts";

/** Which bytes to send, and under which status and headers. */
export interface RangeAnswer {
  readonly status: 200 | 206 | 416;
  /** Without a length. */
  readonly headers: Readonly<Record<string, string>>;
  readonly start: number;
  /** Excluded. */
  readonly end: number;
}

/** Decides what a request for a file gets. */
export function answerRange(
  request: IncomingHttpHeaders,
  file: ItemFile,
  rules: FullTransferRules,
  faults: Pick<ActiveFaults, "fire">,
): RangeAnswer {
  const { sizeBytes } = file.content;
  const etag = changedEtag(faults, file) ?? etagOf(file);
  const common = {
    "Content-Type": "application/octet-stream",
    ...(rules.ranges ? { "Accept-Ranges": "bytes" } : {}),
    ...(rules.etag ? { ETag: etag } : {}),
  };
  const ifRange = request["if-range"];
  const isStale = rules.ifRange && typeof ifRange === "string" && !(rules.etag && ifRange === etag);
  const isHonoured = rules.ranges && request.range !== undefined && !faults.fire("ignoreRange") && !isStale;
  const asked = isHonoured ? readRange(request.range, sizeBytes) : { kind: "whole" as const };
  if (asked.kind === "unsatisfiable") {
    return { status: 416, headers: { ...common, "Content-Range": `bytes */${sizeBytes}` }, start: 0, end: 0 };
  }
  if (asked.kind === "whole") return { status: 200, headers: common, start: 0, end: sizeBytes };
  const shift = faults.fire("shiftRange")?.byBytes ?? 0;
  const start = Math.min(Math.max(asked.start + shift, 0), sizeBytes - 1);
  const end = Math.max(Math.min(asked.end + shift, sizeBytes), start + 1);
  return {
    status: 206,
    headers: { ...common, "Content-Range": `bytes ${start}-${end - 1}/${sizeBytes}` },
    start,
    end,
  };
}

function changedEtag(faults: Pick<ActiveFaults, "fire">, file: ItemFile): string | undefined {
  const fault = faults.fire("changeEtag");
  return fault && (fault.etag ?? `"changed-${etagOf(file).slice(1)}`);
}

/** A strong validator: changes with the file's version. */
function etagOf(file: ItemFile): string {
  return `"${file.version}-${file.content.sizeBytes.toString(16)}"`;
}
