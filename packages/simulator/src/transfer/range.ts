import type { IncomingHttpHeaders } from "node:http";
import type { ActiveFaults } from "../faults/active-faults.ts";
import type { ItemFile } from "../state/library-store.ts";
import type { CompleteTransferRules } from "../model/rules.ts";

/** Which bytes to send, with which status and headers. */
interface RangeAnswer {
  readonly status: 200 | 206 | 416;
  /** Without a length. */
  readonly headers: Readonly<Record<string, string>>;
  readonly start: number;
  /** Excluded. */
  readonly end: number;
}

/** Decides how a request for a file is answered. */
export function answerRange(
  request: IncomingHttpHeaders,
  file: ItemFile,
  rules: CompleteTransferRules,
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
  const requested = isHonoured ? readRange(request.range, sizeBytes) : { kind: "whole" as const };
  if (requested.kind === "unsatisfiable") {
    return { status: 416, headers: { ...common, "Content-Range": `bytes */${sizeBytes}` }, start: 0, end: 0 };
  }
  if (requested.kind === "whole") return { status: 200, headers: common, start: 0, end: sizeBytes };
  const shift = faults.fire("shiftRange")?.byBytes ?? 0;
  const start = Math.min(Math.max(requested.start + shift, 0), sizeBytes - 1);
  const end = Math.max(Math.min(requested.end + shift, sizeBytes), start + 1);
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

/** A strong validator: it changes with the version of the file. */
function etagOf(file: ItemFile): string {
  return `"${file.version}-${file.content.sizeBytes.toString(16)}"`;
}

/** What a `Range` header requests: the whole file, a part of it, or a part that does not exist. */
type RangeRequest =
  | { readonly kind: "whole" }
  | { readonly kind: "part"; readonly start: number; readonly end: number }
  | { readonly kind: "unsatisfiable" };

/**
 * Reads a `Range` header for a file of the given size; `end` is excluded. A header with several ranges, or in another form,
 * requests the whole file, as RFC 9110 allows.
 */
function readRange(header: string | undefined, sizeBytes: number): RangeRequest {
  const match = /^\s*bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*$/iu.exec(header ?? "");
  if (!match) return { kind: "whole" };
  const [, first = "", last = ""] = match;
  if (first === "" && last === "") return { kind: "whole" };
  if (first === "") {
    const suffix = Math.min(Number(last), sizeBytes);
    return suffix === 0 ? { kind: "unsatisfiable" } : { kind: "part", start: sizeBytes - suffix, end: sizeBytes };
  }
  const start = Number(first);
  const end = last === "" ? sizeBytes : Math.min(Number(last) + 1, sizeBytes);
  if (last !== "" && Number(last) < start) return { kind: "whole" };
  return start >= sizeBytes ? { kind: "unsatisfiable" } : { kind: "part", start, end };
}
