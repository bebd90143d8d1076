import { posix } from "node:path";

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
