import { BlockList, isIP } from "node:net";
import { domainToASCII } from "node:url";
import { withoutBrackets } from "./dial.ts";

interface Entry {
  readonly port: number | undefined;
  matches(host: string): boolean;
}

/**
 * The servers that a `NO_PROXY` names, as in curl and Go's `net/http`: names (with their subdomains, with or without a
 * leading dot; `*.` for the subdomains alone), addresses, ranges of addresses such as `10.0.0.0/8` and `fd00::/8`, and `*`;
 * each with or without a port. Separated by commas or spaces. Names are not resolved, so a range applies to addresses only.
 */
export class NoProxy {
  readonly #entries: readonly Entry[];

  constructor(text: string) {
    this.#entries = text.split(/[\s,]+/u).flatMap((word) => (word === "" ? [] : (readEntry(word) ?? [])));
  }

  includes({ hostname, port, protocol }: URL): boolean {
    const host = withoutBrackets(hostname).toLowerCase().replace(/\.$/u, "");
    const number = Number(port || (protocol === "http:" ? 80 : 443));
    return this.#entries.some((entry) => (entry.port ?? number) === number && entry.matches(host));
  }
}

function readEntry(word: string): Entry | undefined {
  const [, bracketed, afterBracket = ""] = /^\[([^\]]*)\](.*)$/u.exec(word) ?? [];
  // In an IPv6 address without brackets, a colon does not begin a port.
  const [, plain = word, plainPort] = /^([^:]*):(\d+)$/u.exec(word) ?? [];
  const [, suffix = "", bracketPort] = /^(\/\d+)?(?::(\d+))?$/u.exec(afterBracket) ?? [];
  const host = bracketed === undefined ? plain : bracketed + suffix;
  const digits = bracketed === undefined ? plainPort : bracketPort;
  const matches = hostMatcher(host.toLowerCase().replace(/(?<=.)\.$/u, ""));
  return matches && { port: digits === undefined ? undefined : Number(digits), matches };
}

function hostMatcher(host: string): ((host: string) => boolean) | undefined {
  if (host === "*") return () => true;
  const [address = "", bits, ...more] = host.split("/");
  const family = isIP(address);
  if (bits !== undefined || family !== 0) {
    return more.length === 0 && family !== 0 ? rangeMatcher(address, family === 4 ? "ipv4" : "ipv6", bits) : undefined;
  }
  const subdomainsOnly = host.startsWith("*.");
  const name = asciiName(host.replace(/^\*?\./u, ""));
  if (name === "") return undefined;
  return (tested) => (!subdomainsOnly && tested === name) || tested.endsWith(`.${name}`);
}

function rangeMatcher(
  address: string,
  family: "ipv4" | "ipv6",
  bits: string | undefined,
): ((host: string) => boolean) | undefined {
  const most = family === "ipv4" ? 32 : 128;
  if (bits !== undefined && (!/^\d{1,3}$/u.test(bits) || Number(bits) > most)) return undefined;
  const range = new BlockList();
  range.addSubnet(address, bits === undefined ? most : Number(bits), family);
  return (host) => {
    const hostFamily = isIP(host);
    // A BlockList counts every IPv4 address to the range ::/0.
    if (hostFamily === 4 && family === "ipv6") return false;
    return hostFamily !== 0 && range.check(host, hostFamily === 4 ? "ipv4" : "ipv6");
  };
}

/** The form that a name has in URLs. */
function asciiName(name: string): string {
  return /^[\x20-\x7e]*$/u.test(name) ? name : domainToASCII(name);
}
