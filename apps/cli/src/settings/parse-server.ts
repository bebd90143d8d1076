import { usageError } from "../process/cli-error.ts";

/** Paths that people copy along with the address: of the vSphere Client, of the SOAP service, of the APIs. */
const knownPaths = /^\/(?:ui|sdk|api|rest|vsphere-client)?(?:\/.*)?$/u;

/**
 * Reads the address of a vCenter: a host name, a host and a port, or a URL. Without a scheme it is https.
 * @throws {@link CliError} exit code 2: it is none of these.
 */
export function parseServer(text: string): URL {
  const trimmed = text.trim();
  const url = URL.parse(withScheme(trimmed));
  // Said without the text: it may hold a password.
  if (url && (url.username !== "" || url.password !== "")) {
    throw usageError(
      "Invalid server address: it contains a user name or a password",
      "Give the address alone, and the user and the password as VSPHERE_USER and VSPHERE_PASSWORD.",
    );
  }
  if (!url || url.hostname === "" || !["https:", "http:"].includes(url.protocol)) {
    throw usageError(
      `"${trimmed}" is not a server address`,
      "Give a host name (vc.example.com), a host and a port (vc.example.com:8443), or a URL (https://vc.example.com).",
    );
  }
  if (!knownPaths.test(url.pathname) || url.search !== "") {
    throw usageError(`Invalid server address "${trimmed}": it has a path or query`, `Give ${url.origin} alone.`);
  }
  return new URL(url.origin);
}

function withScheme(text: string): string {
  if (/^[a-z][a-z\d+.-]*:\/\//iu.test(text)) return text;
  // A bare IPv6 address.
  if (/^[\da-f:]*:[\da-f:]*:[\da-f:.]*$/iu.test(text)) return `https://[${text}]`;
  return `https://${text}`;
}
