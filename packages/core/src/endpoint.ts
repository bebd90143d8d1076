import { shown } from "./kit/checks.ts";
import { pageOrigin } from "./kit/platform.ts";

/** Where a vCenter is reached. */
export interface Endpoint {
  /** Scheme, host and port; empty where the endpoint is relative and there is no page. */
  readonly origin: string;
  /** What stands before `/api` and `/rest`: the origin and the path prefix, without a slash at the end. */
  readonly base: string;
}

/**
 * Reads a vCenter's address: a host, with or without a port, the URL of one, or a path on the page's own origin. Where
 * there is no page, as on a server that renders, a path is accepted, because no call is made there.
 *
 * @throws TypeError that says what is wrong with the address, without repeating secrets.
 */
export function readEndpoint(endpoint: string | URL): Endpoint {
  // Not by `instanceof`: a URL may come from another realm.
  const given: unknown = typeof endpoint === "string" ? endpoint : (endpoint as URL | null | undefined)?.href;
  if (typeof given !== "string") throw new TypeError(`endpoint must be a string or a URL: got ${shown(endpoint)}`);
  const text = given.trim();
  if (text === "") throw new TypeError("endpoint must not be empty");
  // Nothing of it is shown: where the password ends is unknown if it contains a / or an @ itself.
  if (text.includes("@")) throw new TypeError("endpoint must not contain credentials: they belong in the option auth");
  const isRelative = /^\/(?![/\\])/u.test(text);
  const url = isRelative ? new URL(text, pageOrigin() ?? nowhere) : parse(text);
  if (!url) {
    const example = "vc.example.test or https://vc.example.test";
    throw new TypeError(
      `endpoint must be a host or the URL of one, such as ${example}: got ${JSON.stringify(text.slice(0, 200))}`,
    );
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw new TypeError(`endpoint must be an https or http URL: got the scheme ${url.protocol}`);
  }
  if (url.search !== "" || url.hash !== "") {
    throw new TypeError(`endpoint must be an address without query or fragment: such as ${url.origin}${url.pathname}`);
  }
  const origin = url.origin === nowhere ? "" : url.origin;
  return { origin, base: origin + url.pathname.replace(/\/+$/u, "") };
}

/** Stands for the page's origin where there is no page. */
const nowhere = "http://page.invalid";

function parse(text: string): URL | undefined {
  // "vc:8443" is a valid URL too, with the scheme "vc".
  if (/^[a-z][a-z0-9+.-]*:\/\//iu.test(text)) return URL.canParse(text) ? new URL(text) : undefined;
  // The parser would skip a leading slash or backslash.
  if (/^[/\\]/u.test(text)) return undefined;
  const isBareIpV6 = /^[0-9a-f.]*:[0-9a-f.]*:[0-9a-f:.]*$/iu.test(text);
  const address = `https://${isBareIpV6 ? `[${text}]` : text}`;
  return URL.canParse(address) ? new URL(address) : undefined;
}
