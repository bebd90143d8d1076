import { shown } from "./kit/checks.ts";

/**
 * Returns the origin of a vCenter's address, which is a host, with or without a port, or the URL of one.
 *
 * @throws TypeError that says what is wrong with the address, without repeating secrets.
 */
export function readEndpoint(endpoint: string | URL): string {
  // Not by `instanceof`: a URL may come from another realm.
  const given: unknown = typeof endpoint === "string" ? endpoint : (endpoint as URL | null | undefined)?.href;
  if (typeof given !== "string") throw new TypeError(`endpoint must be a string or a URL: got ${shown(endpoint)}`);
  const text = given.trim();
  if (text === "") throw new TypeError("endpoint must not be empty");
  // Nothing of it is shown: where the password ends is unknown if it contains a / or an @ itself.
  if (text.includes("@")) throw new TypeError("endpoint must not contain credentials: they belong in the option auth");
  const url = parse(text);
  if (!url) {
    const example = "vc.example.test or https://vc.example.test";
    throw new TypeError(
      `endpoint must be a host or the URL of one, such as ${example}: got ${JSON.stringify(text.slice(0, 200))}`,
    );
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw new TypeError(`endpoint must be an https or http URL: got the scheme ${url.protocol}`);
  }
  if (url.pathname !== "/" || url.search !== "" || url.hash !== "") {
    throw new TypeError(`endpoint must be an origin without path, query or fragment: such as ${url.origin}`);
  }
  return url.origin;
}

function parse(text: string): URL | undefined {
  // "vc:8443" is a valid URL too, with the scheme "vc".
  if (/^[a-z][a-z0-9+.-]*:\/\//iu.test(text)) return URL.canParse(text) ? new URL(text) : undefined;
  // The parser would skip a leading slash or backslash.
  if (/^[/\\]/u.test(text)) return undefined;
  const isBareIpV6 = /^[0-9a-f.]*:[0-9a-f.]*:[0-9a-f:.]*$/iu.test(text);
  const address = `https://${isBareIpV6 ? `[${text}]` : text}`;
  return URL.canParse(address) ? new URL(address) : undefined;
}
