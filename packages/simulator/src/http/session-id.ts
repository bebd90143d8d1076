import type { IncomingHttpHeaders } from "node:http";

const name = "vmware-api-session-id";

/** The API session id of a request: from its header, or from the cookie that a legacy login may have set. */
export function sessionIdOf(headers: IncomingHttpHeaders): string | undefined {
  const header = headers[name];
  if (header !== undefined) return Array.isArray(header) ? header[0] : header;
  const cookies = (headers.cookie ?? "").split(";").map((cookie) => cookie.trim());
  return cookies.find((cookie) => cookie.startsWith(`${name}=`))?.slice(name.length + 1);
}
