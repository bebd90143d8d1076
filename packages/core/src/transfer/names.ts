import { TransferError } from "../errors/transfer-errors.ts";

/** Most file systems allow 255 bytes: this leaves room for what is appended to the name of an incomplete file. */
const maxNameBytes = 240;
const separator = /[/\\]/u;
// Drives, streams and wildcards of Windows. Refused everywhere, so that a directory can be moved between systems.
const reservedCharacter = /[<>:"|?*]/u;
// Includes line separators and marks that change the direction of writing, which make a name look like another one.
const invisible = /[\p{Cc}\p{Zl}\p{Zp}\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF]/u;
// In a home directory such a file can be a program's settings. The two exceptions are what macOS leaves beside files.
const hidden = /^\.(?!_|DS_Store$)/u;
const reservedName = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00B9\u00B2\u00B3])(?:\.|$)/iu;

/**
 * Returns why a file name from a server is not safe to write; `undefined` if it is safe.
 *
 * @private Does not follow semantic versioning.
 */
export function nameProblem(name: string): string | undefined {
  if (name === "") return "it is empty";
  if (name === "." || name === "..") return "it refers to a directory";
  if (hidden.test(name)) return "it begins with a dot";
  if (separator.test(name)) return "it contains a path separator";
  if (!name.isWellFormed()) return "it is not well-formed Unicode";
  if (invisible.test(name)) return "it contains a control character";
  if (reservedCharacter.test(name)) return "it contains a character that some systems reserve";
  if (/[. ]$/u.test(name)) return "it ends with a dot or a space";
  if (name.startsWith(" ")) return "it starts with a space";
  if (reservedName.test(name.replace(/ +(?=\.|$)/gu, ""))) return "it is a reserved device name on Windows";
  if (new TextEncoder().encode(name).length > maxNameBytes) return `it is longer than ${maxNameBytes} bytes`;
  return undefined;
}

/**
 * Returns a key that is equal for names which a file system that ignores case, or composes letters, treats as one.
 *
 * @private Does not follow semantic versioning.
 */
export function nameKey(name: string): string {
  return name.normalize("NFC").toUpperCase().toLowerCase().normalize("NFC");
}

/**
 * Checks all file names from a server before anything is written. `reserved` is a pattern for the endings that are appended
 * to the name of an incomplete file: `disk` and `disk.part` cannot both be written to one directory.
 *
 * @throws {@link TransferError} `TRANSFER`, `name`: one of them is not safe.
 *
 * @private Does not follow semantic versioning.
 */
export function assertSafeNames(names: readonly string[], reserved?: RegExp): void {
  const seen = new Map<string, string>();
  for (const name of names) {
    const problem = nameProblem(name);
    if (problem !== undefined) {
      throw unsafeName(`Cannot write the file ${quote(name)} that the server names: ${problem}`);
    }
    const earlier = seen.get(nameKey(name));
    if (earlier !== undefined) {
      throw unsafeName(
        `Cannot write the files ${quote(earlier)} and ${quote(name)}: some file systems treat the two names as one`,
      );
    }
    seen.set(nameKey(name), name);
  }
  for (const name of names) {
    const end = reserved?.exec(name)?.index;
    const whole = end === undefined ? undefined : seen.get(nameKey(name.slice(0, end)));
    if (whole === undefined) continue;
    throw unsafeName(
      `Cannot write the file ${quote(name)} that the server names: ${quote(whole)} uses that name while it is incomplete`,
    );
  }
}

/**
 * Quotes a name for a message: control characters escaped, at most 100 characters.
 *
 * @private Does not follow semantic versioning.
 */
export function quote(name: string): string {
  const shown = name.length > 100 ? `${name.slice(0, 100)}…` : name;
  return JSON.stringify(shown.toWellFormed()).replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

function unsafeName(message: string): TransferError {
  return new TransferError(message, { problem: "name", retryable: false });
}

/**
 * Normalizes the name of a member: removes `./`, repeated and outer slashes, and `directory/../`.
 *
 * @private Does not follow semantic versioning.
 */
export function memberPath(name: string): string {
  const parts: string[] = [];
  for (const part of name.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else parts.push(part);
  }
  return parts.join("/");
}
