import type { IncomingMessage, IncomingHttpHeaders } from "node:http";
import { framework } from "../model/vapi-error.ts";

const limitBytes = 1024 * 1024;

/** Reads the body of a request as text. Throws INVALID_ARGUMENT where it is longer than any operation needs. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes <= limitBytes) chunks.push(chunk);
  }
  if (sizeBytes > limitBytes) throw framework.bodyTooLarge();
  return Buffer.concat(chunks).toString("utf8");
}

const name = "vmware-api-session-id";

/** Returns the API session id of a request: from its header, or from the cookie that a legacy login may have set. */
export function sessionIdOf(headers: IncomingHttpHeaders): string | undefined {
  const header = headers[name];
  if (header !== undefined) return Array.isArray(header) ? header[0] : header;
  const cookies = (headers.cookie ?? "").split(";").map((cookie) => cookie.trim());
  return cookies.find((cookie) => cookie.startsWith(`${name}=`))?.slice(name.length + 1);
}
