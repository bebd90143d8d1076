import { proxyFor, ProxySettingsError, readThumbprint } from "@carrel/node-stream/tls";
import { usageError } from "../process/cli-error.ts";

const factors: Readonly<Record<string, number>> = { "": 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3, T: 1024 ** 4 };
const maxBytes = 1024 ** 5;
// Timers hold 2^31 - 1 milliseconds, which is a little more.
const maxSeconds = 24 * 24 * 3600;
const maxCount = 1000;

/**
 * Reads a number of bytes: `500000`, `50M`, `1.5G`. The letters count in 1024s, as for curl.
 * @param flag - Such as `--limit-rate`, for the message.
 */
export function parseBytes(text: string, flag: string): number {
  const [, digits = "", letter = ""] = /^(\d+(?:\.\d+)?)([KMGT]?)(?:i?B)?(?:\/s)?$/iu.exec(text.trim()) ?? [];
  const bytes = Math.round(Number(digits) * (factors[letter.toUpperCase()] ?? Number.NaN));
  if (digits !== "" && bytes >= 1 && bytes <= maxBytes) return bytes;
  throw usageError(
    `${flag}: invalid value "${text}"`,
    "Use a number of bytes from 1 to 1024T, such as 500000, 50M or 1.5G.",
  );
}

/** Reads a number of seconds above 0 and up to 24 days, returns milliseconds. */
export function parseSeconds(text: string, flag: string): number {
  const ms = Math.round(parseDecimal(text) * 1000);
  if (ms >= 1 && ms <= maxSeconds * 1000) return ms;
  throw usageError(
    `${flag}: invalid value "${text}"`,
    `Use a number of seconds from 0.001 to ${maxSeconds}, which is 24 days.`,
  );
}

/** Reads a whole number up to 1000. */
export function parseCount(text: string, flag: string, least = 1): number {
  const count = parseDecimal(text);
  if (Number.isInteger(count) && count >= least && count <= maxCount) return count;
  throw usageError(`${flag}: invalid value "${text}"`, `Use a whole number from ${least} to ${maxCount}.`);
}

/** Reads the number of a port to listen on. */
export function parsePort(text: string, flag: string): number {
  const port = Number(text);
  if (/^\d+$/u.test(text) && port <= 65_535) return port;
  throw usageError(`${flag}: invalid value "${text}"`, "Use a number from 1 to 65535, or 0 for any free port.");
}

// A hundred years: a date that is as far from now can still be written.
const longestAgeMs = 3_155_760_000_000;
const shortUnitMs: Readonly<Record<string, number>> = { "": 1_000, s: 1_000, m: 60_000, h: 3_600_000 };

/** Reads how long something may take, such as `30s`, `10m` or `1h`, or `0`; returns milliseconds. A number alone is seconds. */
export function parseDuration(text: string, flag: string): number {
  const [, amount = "", unit = ""] = /^(\d+(?:\.\d+)?)([smh]?)$/u.exec(text.trim()) ?? [];
  const ms = amount === "" ? Number.NaN : Math.round(Number(amount) * (shortUnitMs[unit] ?? Number.NaN));
  if (ms >= 0 && ms <= maxSeconds * 1000) return ms;
  throw usageError(
    `${flag}: invalid value "${text}"`,
    "Use a length of time up to 24 days, such as 30s, 10m or 1h, or 0.",
  );
}

const unitMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 };

/**
 * Reads a length of time, such as `90m`, `12h`, `30d` or `2w`, returns milliseconds.
 */
export function parseAge(text: string, flag: string): number {
  const ms = ageOf(text);
  if (ms > 0 && ms <= longestAgeMs) return ms;
  throw usageError(`${flag}: invalid value "${text}"`, "Use a length of time, such as 90m, 26h, 8d or 2w.");
}

function ageOf(text: string): number {
  const [, amount = "", unit = ""] = /^(\d+(?:\.\d+)?)([mhdw])$/u.exec(text.trim()) ?? [];
  return amount === "" ? Number.NaN : Number(amount) * (unitMs[unit] ?? Number.NaN);
}

/**
 * Reads a moment of the past: how long ago it was, such as `12h` or `30d`, or a date as ISO 8601 writes it.
 * @param nowMs - Now, in milliseconds since 1970.
 */
export function parseSince(text: string, flag: string, nowMs: number): Date {
  const trimmed = text.trim();
  const isDate = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/u.test(trimmed);
  const moment = new Date(isDate ? Date.parse(trimmed) : nowMs - ageOf(trimmed));
  if (!Number.isNaN(moment.getTime())) return moment;
  throw usageError(
    `${flag}: invalid value "${text}"`,
    "Use how long ago, such as 12h, 30d or 2w, or a date such as 2026-11-01 or 2026-11-01T08:00:00Z.",
  );
}

/** Digits with at most one point; NaN for all else, such as `0x10` and `1e3`, which are mostly mistakes. */
function parseDecimal(text: string): number {
  return /^\d+(?:\.\d+)?$/u.test(text.trim()) ? Number(text) : Number.NaN;
}

/** Paths that people copy together with the address: of the vSphere Client, the SOAP service and the APIs. */
const knownPaths = /^\/(?:ui|sdk|api|rest|vsphere-client)?(?:\/.*)?$/u;

/**
 * Reads the address of a vCenter: a host name, a host and a port, or a URL. Without a scheme it is https.
 * @throws {@link CliError} exit code 2: it is none of these.
 */
export function parseServer(text: string): URL {
  const trimmed = text.trim();
  const url = URL.parse(withScheme(trimmed));
  // The text is not repeated: it may contain a password.
  if (url && (url.username !== "" || url.password !== "")) {
    throw usageError(
      "Invalid server address: it contains a user name or a password",
      "Pass the address alone, and the user and the password as VSPHERE_USER and VSPHERE_PASSWORD.",
    );
  }
  if (!url || url.hostname === "" || !["https:", "http:"].includes(url.protocol)) {
    throw usageError(
      `"${trimmed}" is not a server address`,
      "Use a host name (vc.example.com), a host and a port (vc.example.com:8443), or a URL (https://vc.example.com).",
    );
  }
  if (!knownPaths.test(url.pathname) || url.search !== "") {
    throw usageError(`Invalid server address "${trimmed}": it has a path or query`, `Use ${url.origin} alone.`);
  }
  return new URL(url.origin);
}

function withScheme(text: string): string {
  if (/^[a-z][a-z\d+.-]*:\/\//iu.test(text)) return text;
  // A bare IPv6 address.
  if (/^[\da-f:]*:[\da-f:]*:[\da-f:.]*$/iu.test(text)) return `https://[${text}]`;
  return `https://${text}`;
}

/**
 * Reads the address of a proxy; `none` is false.
 * @param origin - Where it comes from, such as `--proxy`, for the message.
 * @throws {@link CliError} exit code 2: it cannot be used, or contains a password. The message does not repeat it.
 */
export function parseProxy(text: string, origin: string): string | false {
  const trimmed = text.trim();
  if (trimmed.toLowerCase() === "none") return false;
  if (trimmed.includes("@")) {
    throw usageError(
      `${origin}: the address of the proxy contains a user name or a password`,
      "Set HTTPS_PROXY for a proxy that requires a login.",
    );
  }
  try {
    if (proxyFor(new URL("https://vc.invalid"), trimmed) !== undefined) return trimmed;
  } catch (error) {
    if (!(error instanceof ProxySettingsError)) throw error;
    throw usageError(`${origin}: ${error.message}`, "Write it as http://HOST:PORT, or none.");
  }
  throw usageError(`${origin}: it is empty`, "Write it as http://HOST:PORT, or none.");
}

/**
 * Reads a certificate's fingerprint as people paste it. Returns it upper-case with colons.
 * @throws {@link CliError} exit code 2: it is not one. The message does not repeat the text.
 */
export function parseThumbprint(text: string): string {
  const found = readThumbprint(text);
  if (!("problem" in found)) return found.hex;
  throw usageError(
    `Invalid thumbprint: it is not a SHA-1 or SHA-256 fingerprint (${found.problem})`,
    "Use the fingerprint of the server's certificate: 40 (SHA-1) or 64 (SHA-256) hexadecimal digits, with or without colons.",
  );
}
