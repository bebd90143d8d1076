/** The fingerprint of a certificate. */
export interface Thumbprint {
  readonly algorithm: "sha1" | "sha256";
  /** Hexadecimal, upper case, with colons. */
  readonly hex: string;
}

const longestCharacters = 4096;
const algorithms: Readonly<Record<number, Thumbprint["algorithm"]>> = { 40: "sha1", 64: "sha256" };

/**
 * Reads a fingerprint as people paste it: with or without colons, spaces, dashes, line breaks, quotes and invisible
 * characters, and after a label (`sha256 Fingerprint=`, `Thumbprint :`) or a host name. Returns the reason where it is
 * not one; of the text, which may be someone else's, the reason repeats only single characters.
 *
 * @private Does not follow semantic versioning.
 */
export function readThumbprint(text: string): Thumbprint | { readonly problem: string } {
  if (text.length > longestCharacters) return { problem: `it is ${text.length} characters long` };
  const visible = text
    .replaceAll(/[\p{Cf}\p{Cc}\p{Z}\u{fe00}-\u{fe0f}]/gu, (character) => (isBlank(character) ? " " : ""))
    .replaceAll(/["'`\u{ab}\u{bb}\u{2018}-\u{201f}]/gu, " ")
    .trim()
    .replace(/[,;.]$/u, "");
  for (const start of starts(visible)) {
    const digits = visible
      .slice(start)
      .replaceAll(/[\s:\p{Pd}]/gu, "")
      .replace(/^0x/iu, "");
    const algorithm = /^[\da-f]+$/iu.test(digits) ? algorithms[digits.length] : undefined;
    const before = visible.slice(0, start);
    if (algorithm === undefined) continue;
    if (/(?:[\da-f]{2}:){19}[\da-f]{2}/iu.test(before)) return { problem: "it contains more than one" };
    if (!isLabel(before)) continue;
    return { algorithm, hex: digits.toUpperCase().replaceAll(/..(?=.)/gu, "$&:") };
  }
  return { problem: problemOf(visible) + invisiblesOf(text) };
}

function isBlank(character: string): boolean {
  return /[\s\p{Z}]/u.test(character) && character !== "\u{feff}";
}

/** Where the digits may begin: at the start, and after a character that ends a word of a label. */
function starts(text: string): readonly number[] {
  return [0, ...[...text.matchAll(/[\s=:)]/gu)].map(({ index }) => index + 1)];
}

/** Whether the text before the digits is a label or a host, and not surplus digits. */
function isLabel(text: string): boolean {
  if (/\b[\da-f]{2}[\s:\p{Pd}]+[\da-f]{2}\b/iu.test(text)) return false;
  const last = text.endsWith(":") ? text.slice(0, -1).split(/[\s=:]/u) : text.trim().split(/[\s=]/u);
  return !/^[\da-f:\p{Pd}]*[\da-f][\da-f:\p{Pd}]*$/iu.test(last.at(-1) ?? "");
}

function problemOf(text: string): string {
  if (text === "") return "it is empty";
  if (/sha-?(?:1|256)[:/-]+[\w+/]{27,}=*$/iu.test(text) || /^[\da-z+/]{43}=$/iu.test(text)) {
    return "it is Base64, as is the pin of a public key such as sha256//…, and must be hexadecimal";
  }
  const digits = text
    .replace(/^.*[=)]/su, "")
    .replaceAll(/[\s:\p{Pd}]/gu, "")
    .replace(/^0x/iu, "");
  const odd = /[^\da-f]/iu.exec(digits)?.[0];
  if (odd !== undefined)
    return `it contains ${nameOf(digits.codePointAt(digits.indexOf(odd)) ?? 0)}, which is not a hexadecimal digit`;
  const isMd5 = digits.length === 32;
  return `it has ${digits.length} hexadecimal digits${isMd5 ? ", as MD5 has" : ""}: SHA-1 has 40, SHA-256 has 64`;
}

function invisiblesOf(text: string): string {
  const found = new Set(text.match(/[\p{Cf}\p{Cc}]/gu)?.filter((character) => !isBlank(character)));
  if (found.size === 0) return "";
  const names = [...found].slice(0, 3).map((character) => codePoint(character.codePointAt(0) ?? 0));
  return ` (it also contains the invisible ${names.join(", ")})`;
}

function nameOf(code: number): string {
  return code > 0x20 && code < 0x7f ? `"${String.fromCodePoint(code)}"` : codePoint(code);
}

function codePoint(code: number): string {
  return `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
}
