import { proxyFor } from "@carrel/node-stream/tls";
import type { ConnectionSettings } from "./connection-settings.ts";

/** Says what settings are in effect and where they come from, a line for each. No password and no session is in it. */
export async function describeSettings(
  settings: ConnectionSettings,
  { asked }: { readonly asked: boolean },
): Promise<readonly string[]> {
  const { server, login, wire, origins = {} } = settings;
  const from = (origin: string | undefined): string => (origin === undefined ? "" : ` (${origin})`);
  const typed = asked ? "a password that was asked for" : "the password in VSPHERE_PASSWORD";
  const proxy = settings.proxy === false ? undefined : proxyFor(server);
  return [
    `server: ${server.origin}${from(origins.server)}`,
    `user: ${login.user}${from(origins.user)}`,
    `login: ${login.kind === "session" ? 'the session that "carrel login" keeps' : typed}`,
    `wire style: ${wire}${from(origins.wire)}`,
    `certificate: ${describeTrust(settings)}`,
    `proxy: ${proxy?.origin ?? "none"}`,
  ];
}

function describeTrust({ server, thumbprint, thumbprintFrom, ca, origins = {} }: ConnectionSettings): string {
  if (server.protocol === "http:") return "none, with http://";
  if (thumbprint !== undefined) {
    return `only ${thumbprint} (${thumbprintFrom === "trust" ? "carrel trust" : (origins.thumbprint ?? "settings")})`;
  }
  if (ca !== undefined) return `signed by an authority in the file of ${origins.ca ?? "settings"}`;
  return "signed by an authority that Node trusts";
}
