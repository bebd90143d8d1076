/**
 * A transfer URL in the form that is requested. Its path and query are secret.
 *
 * @private Does not follow semantic versioning.
 */
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
 * Reads the URI of an endpoint; returns `undefined` where it is not an HTTP URL. Servers do not always escape the file name
 * in it, and then `URL` would request another file: it drops what follows a `#`, turns `\` into `/`, and resolves `..` and
 * `%2e%2e`. So `URL` reads only the origin; the rest is sent as it stands, and no character is escaped twice. Where it ends
 * in the exact file name, a `?` or a `%` there is part of the name as well.
 *
 * @private Does not follow semantic versioning.
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

/** Escapes what must not occur in a request target (RFC 3986), and a `%` that escapes nothing; no character twice. */
function escaped(text: string): string {
  return text.toWellFormed().replaceAll(/%(?![\da-f]{2})|[^\w!$%&'()*+,./:;=?@~-]/giu, (character) => {
    return encodeURIComponent(character);
  });
}
