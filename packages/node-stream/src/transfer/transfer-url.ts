/** A transfer URL, as it is asked for. Where it points to is a secret. */
export interface TransferUrl {
  readonly protocol: "http:" | "https:";
  /** Scheme, host and port. Not secret. */
  readonly origin: string;
  /** Host and port. */
  readonly host: string;
  /** The host alone. */
  readonly hostname: string;
  /** Path and query, as the server meant them. */
  readonly target: string;
}

/**
 * Reads the URI of an endpoint. Servers do not always escape the name of the file in it, and `URL` then asks for another
 * file: it drops what follows a `#`, turns `\` into `/`, and takes `..` and `%2e%2e` out. So only the origin is read by `URL`;
 * the rest is sent as it stands, and no character is escaped twice. Where it ends with the very name of the file, a `?` or a
 * `%` in that is part of the name as well. `undefined`: it is not an HTTP URL.
 */
export function readTransferUrl(uri: string, fileName?: string): TransferUrl | undefined {
  const [, scheme = "", authority = "", rest = ""] = /^(https?):\/\/([^/?#\\]+)(.*)$/isu.exec(uri.trim()) ?? [];
  const url = authority === "" ? null : URL.parse(`${scheme}://${authority}`);
  if (url === null || url.hostname === "") return undefined;
  const { origin, host, hostname } = url;
  const protocol = url.protocol === "http:" ? "http:" : "https:";
  return { protocol, origin, host, hostname, target: targetOf(rest, fileName) };
}

function targetOf(rest: string, fileName: string | undefined): string {
  const path = rest.startsWith("/") ? rest : `/${rest}`;
  const isRaw = fileName !== undefined && fileName !== "" && path.endsWith(`/${fileName}`);
  if (!isRaw) return escaped(path);
  return escaped(path.slice(0, -fileName.length)) + encodeURIComponent(fileName.toWellFormed());
}

/** Escapes what may not stand in a request (RFC 3986), and a `%` that escapes nothing; no character twice. */
function escaped(text: string): string {
  return text.toWellFormed().replaceAll(/%(?![\da-f]{2})|[^\w!$%&'()*+,./:;=?@~-]/giu, (character) => {
    return encodeURIComponent(character);
  });
}
