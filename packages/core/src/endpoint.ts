import { shown } from "./kit/checks.ts";

/**
 * The origin of a vCenter's address: a host, with or without a port, or the URL of one. Throws a `TypeError` that says what
 * is wrong with it, without repeating secrets.
 */
export function readEndpoint(endpoint: string | URL): string {
  // Not by `instanceof`: a URL may come from another realm.
  const given: unknown = typeof endpoint === "string" ? endpoint : (endpoint as URL | null | undefined)?.href;
  if (typeof given !== "string") throw new TypeError(`endpoint must be a string or a URL: got ${shown(endpoint)}`);
  const text = given.trim();
  if (text === "") throw new TypeError("endpoint: it is empty");
  // Nothing of it is shown: where the password ends cannot be known if it holds a / or an @ itself.
  if (text.includes("@")) throw new TypeError("endpoint: it holds credentials. Give them to the auth option instead");
  const url = parse(text);
  if (!url) {
    throw new TypeError(
      `endpoint: ${JSON.stringify(text.slice(0, 200))} is neither a host nor the URL of one. Give the vCenter's, such as vc.example.test or https://vc.example.test`,
    );
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw new TypeError(`endpoint: the scheme ${url.protocol} is not supported. Give an https URL`);
  }
  if (url.pathname !== "/" || url.search !== "" || url.hash !== "") {
    throw new TypeError(`endpoint: give the origin alone, ${url.origin}, without path, query or fragment`);
  }
  return url.origin;
}

function parse(text: string): URL | undefined {
  // "vc:8443" would be a URL too, of the scheme "vc".
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return URL.canParse(text) ? new URL(text) : undefined;
  // A leading slash or backslash would be skipped.
  if (/^[/\\]/.test(text)) return undefined;
  const isBareIpV6 = /^[0-9a-f.]*:[0-9a-f.]*:[0-9a-f:.]*$/i.test(text);
  const address = `https://${isBareIpV6 ? `[${text}]` : text}`;
  return URL.canParse(address) ? new URL(address) : undefined;
}
