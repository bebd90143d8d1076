import { encodeBase64 } from "./kit/platform.ts";

const patterns: readonly (readonly [RegExp, string])[] = [
  // A transfer URL is a bearer secret: the server is kept, the token and all that follows it is dropped.
  [/(\/cls\/data\/)[^\s"'<>]+/giu, "$1[redacted]"],
  [/(\bds:\/\/\/)[^\s"'<>]+/giu, "$1[redacted]"],
  [/(\/\/)[^\s/@"'<>]+@/gu, "$1[redacted]@"],
  [/(vmware-api-session-id["']?\s*[:=]\s*["']?)[^\s"',;]+/giu, "$1[redacted]"],
  [/(\bauthorization["']?\s*[:=]\s*["']?)(basic|bearer|sign)\s+[^"'\r\n]+/giu, "$1$2 [redacted]"],
  [/(["'](?:password|current_password|session_?id|token|client_secret)["']\s*:\s*)"[^"]*"/giu, '$1"[redacted]"'],
];
const secretMember =
  /^(?:(?:current_)?password|session_?id|(?:\w+_)?token|client_secret|authorization|(?:set-)?cookie)$/iu;
const redacted = "[redacted]";

/** A secret shorter than this is found only as a word of its own, because its letters occur within other words. */
const shortLength = 6;

/** The known secrets, each with the forms that it may be written in. All clients of the process share them. */
const known = new Map<string, { uses: number; readonly find: RegExp }>();

/** The secrets of one client: texts that are hidden wherever they occur, until the client is closed. */
export interface Secrets {
  /** Hides a password, a session id or an assertion. */
  add(secret: string): void;
  /** Hides the credentials in an `Authorization` header, together, one by one, and as Base64. */
  addAuthorization(authorization: string): void;
  /** Hides a transfer URL, its path, and the tokens in it. */
  addUrl(url: string): void;
  /** Forgets them all. */
  clear(): void;
}

/** Only this many of each kind are remembered, the latest ones, because a client that lives for weeks logs in often. */
const mostOfAKind = 300;

/**
 * The secrets of a new client.
 *
 * Does not follow semantic versioning.
 */
export function createSecrets(): Secrets {
  const own = { credentials: new Set<string>(), urls: new Set<string>() };

  function keep(kind: Set<string>, secret: string): void {
    if (secret === "") return;
    // A secret that is added again becomes the latest: the token that all files of a session share must not be
    // forgotten first.
    const isKnown = kind.delete(secret);
    kind.add(secret);
    if (isKnown) return;
    remember(secret, kind === own.credentials);
    const [oldest] = kind;
    if (kind.size <= mostOfAKind || oldest === undefined) return;
    kind.delete(oldest);
    forget(oldest);
  }

  return {
    add: (secret) => keep(own.credentials, secret),
    addAuthorization(authorization) {
      const [, scheme = "", shown = ""] = /^(\S+)\s+(.*)$/su.exec(authorization) ?? ["", "", authorization];
      const bare = (/^token="([^"]*)"/u.exec(shown)?.[1] ?? shown).replace(/=+$/u, "");
      keep(own.credentials, bare);
      if (scheme.toLowerCase() !== "basic") return;
      const pair = fromBase64(bare);
      keep(own.credentials, pair);
      const password = pair.slice(pair.indexOf(":") + 1);
      keep(own.credentials, password);
      keep(own.credentials, toBase64(password));
    },
    addUrl(url) {
      for (const part of secretParts(url)) keep(own.urls, part);
    },
    clear() {
      for (const kind of Object.values(own)) {
        for (const secret of kind) forget(secret);
        kind.clear();
      }
    },
  };
}

/**
 * Removes secrets from a text: transfer URLs, session ids and credentials, found by their form and by what the clients
 * of this process know. This is the only place that decides it; error messages, diagnostics and journals all pass
 * through here. Does not follow semantic versioning.
 */
export function redact(text: string): string {
  let result = text;
  for (const [pattern, replacement] of patterns) result = result.replace(pattern, replacement);
  if (known.size === 0) return result;
  for (const { find } of known.values()) result = result.replace(find, redacted);
  // A secret may be escaped in some other way, or more than once: then no part of the text can be shown.
  for (let depth = 0, plain = unescaped(result); plain !== undefined && depth < 4; depth++, plain = unescaped(plain)) {
    for (const { find } of known.values()) if (plain.search(find) >= 0) return redacted;
  }
  return result;
}

/** Removes the secrets from every text in a JSON value, member names included. */
export function redactDeep<T>(value: T): T;
export function redactDeep(value: unknown): unknown {
  if (typeof value === "string") return redact(value);
  if (Array.isArray(value)) return value.map((item: unknown) => redactDeep(item));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]: [string, unknown]) => [
      redact(name),
      secretMember.test(name) && typeof member === "string" ? redacted : redactDeep(member),
    ]),
  );
}

function remember(secret: string, isCredential: boolean): void {
  const entry = known.get(secret);
  if (entry) entry.uses += 1;
  else known.set(secret, { uses: 1, find: finderOf(secret, isCredential) });
}

function forget(secret: string): void {
  const entry = known.get(secret);
  if (entry && --entry.uses === 0) known.delete(secret);
}

/** Finds a secret in plain text, in JSON and in a URL; a credential also in the other forms that servers write. */
function finderOf(secret: string, isCredential: boolean): RegExp {
  const forms = new Set(writtenForms(secret));
  if (isCredential && secret.length >= shortLength) for (const form of credentialForms(secret)) forms.add(form);
  const any = Array.from(forms, (form) => form.replace(/[.*+?^${}()|[\]\\/]/gu, "\\$&"))
    .toSorted((a, b) => b.length - a.length)
    .join("|");
  return secret.length < shortLength
    ? new RegExp(`(?<![\\p{L}\\p{N}])(?:${any})(?![\\p{L}\\p{N}])`, "gu")
    : new RegExp(any, "giu");
}

function writtenForms(secret: string): readonly string[] {
  const wellFormed = secret.toWellFormed();
  const percent = encodeURIComponent(wellFormed);
  return [secret, JSON.stringify(secret).slice(1, -1), percent, percent.replaceAll("%20", "+"), encodeURI(wellFormed)];
}

/**
 * Base64, hexadecimal digits, the other Unicode normal form, the result of reading UTF-8 as Latin-1, and what is left
 * where a header or a log takes ASCII or Latin-1 only: a question mark for each other character.
 */
function credentialForms(secret: string): readonly string[] {
  const bytes = Array.from(new TextEncoder().encode(secret));
  const base64 = toBase64(secret);
  return [
    base64,
    forUrl(base64),
    forUrl(secret),
    bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(""),
    ...[
      secret.normalize("NFC"),
      secret.normalize("NFD"),
      bytes.map((byte) => String.fromCharCode(byte)).join(""),
      secret.replace(/\P{ASCII}/gu, "?"),
      secret.replace(/[^\p{ASCII}\u0080-\u00ff]/gu, "?"),
    ].flatMap(writtenForms),
  ];
}

/** Base64 in the alphabet for URLs. */
function forUrl(base64: string): string {
  return base64.replaceAll("+", "-").replaceAll("/", "_");
}

const escape =
  /%([0-9a-f]{2})|\\u\{?([0-9a-f]{4,6})\}?|\\x([0-9a-f]{2})|&#x([0-9a-f]+);|&#(\d+);|\\(["'\\/])|&(amp|quot|lt|gt|apos);/giu;
const entities: Readonly<Record<string, string>> = { amp: "&", quot: '"', lt: "<", gt: ">", apos: "'" };

/** A text with its escapes, of any of several languages, replaced once; undefined where it has none. */
function unescaped(text: string): string | undefined {
  const plain = text.replace(escape, (match: string, ...groups: (string | undefined)[]) => {
    const [percent, unicode, byte, hex, decimal, character, entity] = groups;
    const code = percent ?? unicode ?? byte ?? hex;
    if (code !== undefined || decimal !== undefined) return characterOf(code, decimal) ?? match;
    return character ?? entities[entity?.toLowerCase() ?? ""] ?? match;
  });
  return plain === text ? undefined : plain;
}

function characterOf(hex: string | undefined, decimal: string | undefined): string | undefined {
  const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
  return code <= 0x10_ffff ? String.fromCodePoint(code) : undefined;
}

/**
 * The parts of a transfer URL that must not be shown: all of it, all after the server, and each part that may be a
 * token.
 */
function secretParts(url: string): readonly string[] {
  if (!URL.canParse(url)) return [url];
  const { origin, pathname, search, hash, searchParams } = new URL(url);
  const rest = pathname + search + hash;
  const directories = pathname.split("/").slice(0, -1);
  const tokens = [...directories, ...searchParams.values()].filter((part) => part.length >= 16);
  const raw = url.startsWith(origin) ? url.slice(origin.length) : rest;
  return [url, ...[rest, raw].filter((part) => part.length > 1), ...tokens];
}

function toBase64(text: string): string {
  return encodeBase64(new TextEncoder().encode(text)).replace(/=+$/u, "");
}

function fromBase64(base64: string): string {
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0)));
  } catch {
    return "";
  }
}
