import type { IncomingHttpHeaders } from "node:http";
import type { WireStyle } from "@carrel/core";
import { contentOf } from "./contract-files.ts";
import type { ContractFile } from "./contract-files.ts";
import { isMembers, refusalOf } from "./json.ts";
import type { Json } from "./json.ts";
import type { KnownValues } from "./known-values.ts";

/** An answer in which names and marks replace the values that differ between runs. */
export type SeenAnswer = Readonly<{
  status: number;
  /** Headers that matter for the exchange. */
  headers: Readonly<Record<string, string>>;
  /** A JSON body that is not an error. */
  body?: Json;
  /** The error type of an error body, where the body has exactly the vendor's shape. */
  refusal?: string;
  /** Any other text. */
  text?: string;
  /** Which bytes of the file were sent: `FIRST-LAST of NAME`. */
  bytes?: string;
}>;

/** An answer as it was received. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
}

const ofTransfers = ["accept-ranges", "allow", "content-range", "transfer-encoding"];

/** Replaces values by names. */
export function seenAnswer(
  { status, headers, bytes }: RawAnswer,
  style: WireStyle,
  file: ContractFile | undefined,
  known: KnownValues,
): SeenAnswer {
  const body = bodyOf(bytes, style, file, known);
  const isTransfer = file !== undefined;
  const hasOwnLength = body.bytes !== undefined || bytes.length === 0;
  const names = [
    "content-type",
    ...(isTransfer ? ofTransfers : []),
    ...(isTransfer && hasOwnLength ? ["content-length"] : []),
  ];
  return {
    status,
    headers: {
      ...pick(headers, names),
      ...(headers["set-cookie"] ? { "set-cookie": cookieNames(headers["set-cookie"]) } : {}),
      ...(isTransfer && headers.etag !== undefined ? { etag: /^"[^"]+"$/.test(headers.etag) ? "strong" : "weak" } : {}),
    },
    ...body,
  };
}

function pick(headers: IncomingHttpHeaders, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = headers[name];
      return typeof value === "string" ? [[name, value]] : [];
    }),
  );
}

function cookieNames(cookies: readonly string[]): string {
  return cookies.map((cookie) => cookie.split("=")[0]).join(", ");
}

function bodyOf(
  bytes: Buffer,
  style: WireStyle,
  file: ContractFile | undefined,
  known: KnownValues,
): Pick<SeenAnswer, "body" | "refusal" | "text" | "bytes"> {
  if (bytes.length === 0) return {};
  const at = file === undefined ? -1 : contentOf(file).indexOf(bytes);
  if (file !== undefined && at >= 0) return { bytes: `${at}-${at + bytes.length - 1} of ${file.name}` };
  const text = bytes.toString("utf8");
  const body = parse(text);
  if (body === undefined) return { text: known.blank(text) as string };
  const refusal = refusalOf(body, style);
  return refusal === undefined ? { body: sorted(known.blank(body)) } : { refusal };
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** Lists in an order that does not depend on identifiers: no list of the content library has a promised order. */
function sorted(value: Json): Json {
  if (Array.isArray(value)) {
    const list = (value as readonly Json[]).map(sorted);
    return list.toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
  }
  if (!isMembers(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, sorted(member)]));
}

function keyOf(value: Json): string {
  return isMembers(value) && typeof value["name"] === "string" ? value["name"] : JSON.stringify(value);
}
