import { TransferError } from "@carrel/core";
import { posix } from "node:path";

/** Leaves room for what is appended to a name while the file is incomplete: most file systems stop at 255 bytes. */
const maxNameBytes = 240;
const separator = /[/\\]/;
// Drives, streams and wildcards of Windows; refused everywhere, so that a folder can move between systems.
const reservedCharacter = /[<>:"|?*]/;
// Also line separators and marks that turn the direction of writing, which make a name look like another one.
const invisible = /[\p{Cc}\p{Zl}\p{Zp}\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF]/u;
// In a home folder such a file can be a program's settings. What macOS leaves beside files means nothing to anybody else.
const hidden = /^\.(?!_|DS_Store$)/;
const reservedName = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00B9\u00B2\u00B3])(?:\.|$)/i;

/** Why a file name from a server must not be used in a folder of ours; `undefined` where it may. */
export function nameProblem(name: string): string | undefined {
  if (name === "") return "it is empty";
  if (name === "." || name === "..") return "it means a folder";
  if (hidden.test(name)) return "it begins with a dot";
  if (separator.test(name)) return "it holds a path separator";
  if (!name.isWellFormed()) return "it is not well-formed Unicode";
  if (invisible.test(name)) return "it holds a control character";
  if (reservedCharacter.test(name)) return "it holds a character that some systems reserve";
  if (/[. ]$/.test(name)) return "it ends in a dot or a space";
  if (name.startsWith(" ")) return "it starts with a space";
  if (reservedName.test(name.replace(/ +(?=\.|$)/g, ""))) return "it is a reserved device name on Windows";
  if (Buffer.byteLength(name) > maxNameBytes) return `it is longer than ${maxNameBytes} bytes`;
  return undefined;
}

/** What two names have in common when a file system that ignores case, or stores composed letters, takes them for one. */
export function nameKey(name: string): string {
  return name.normalize("NFC").toUpperCase().toLowerCase().normalize("NFC");
}

/**
 * Checks all names that a server gave, before anything is written. `reserved` says which endings we append ourselves to the
 * name of an incomplete file, as a pattern for the end of a name: `disk` and `disk.part` cannot both be in one folder.
 */
export function assertSafeNames(names: readonly string[], reserved?: RegExp): void {
  const seen = new Map<string, string>();
  for (const name of names) {
    const problem = nameProblem(name);
    if (problem !== undefined) {
      throw refusal(`The server names a file ${quote(name)}, which cannot be written safely: ${problem}.`);
    }
    const earlier = seen.get(nameKey(name));
    if (earlier !== undefined) {
      throw refusal(`The server names two files ${quote(earlier)} and ${quote(name)}, which are one on some systems.`);
    }
    seen.set(nameKey(name), name);
  }
  for (const name of names) {
    const end = reserved?.exec(name)?.index;
    const whole = end === undefined ? undefined : seen.get(nameKey(name.slice(0, end)));
    if (whole === undefined) continue;
    throw refusal(
      `The server names a file ${quote(name)}, which is where ${quote(whole)} is kept while it is incomplete. ` +
        "Download the two into different folders.",
    );
  }
}

/** A name as it may be shown: no control characters, and not without end. */
export function quote(name: string): string {
  const shown = name.length > 100 ? `${name.slice(0, 100)}…` : name;
  return JSON.stringify(shown.toWellFormed()).replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

function refusal(message: string): TransferError {
  return new TransferError(`${message} Nothing was written.`, { problem: "name", retryable: false });
}

// Characters that mean something in a path, and others that mean nothing anywhere and no name has.
const slash = "\uFDD0";
const backslash = "\uFDD1";
const start = "\uFDD2";

/**
 * Whether a glob matches a whole name: `*` any characters, `?` one, `[abc]` one of several, `{one,other}` either.
 *
 * The globs are Node's, which are made for paths. A name of a library is none: `*` matches slashes, a leading dot, and `..`
 * as well. A name also matches itself, whatever its characters would mean in a glob.
 */
export function matchesName(name: string, glob: string): boolean {
  // Behind another character a dot does not lead.
  return name === glob || posix.matchesGlob(start + withoutPath(name), start + withoutPath(glob));
}

function withoutPath(text: string): string {
  return text.replaceAll("/", slash).replaceAll("\\", backslash);
}
