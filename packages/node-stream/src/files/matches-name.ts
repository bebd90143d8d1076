import { posix } from "node:path";

// Stand for characters that mean something in a path: noncharacters, which no name contains.
const slash = "\uFDD0";
const backslash = "\uFDD1";
const start = "\uFDD2";

/**
 * Returns whether a glob matches a whole name: `*` matches any characters, `?` one, `[abc]` one of several, `{one,other}` either.
 *
 * The globs are Node's, which are made for paths. A library's name is not a path: `*` also matches slashes, a leading dot
 * and `..`. A name always matches itself, whatever its characters mean in a glob.
 *
 * @private Does not follow semantic versioning.
 */
export function matchesName(name: string, glob: string): boolean {
  // With another character before it, a dot is not a leading dot.
  return name === glob || posix.matchesGlob(start + withoutPath(name), start + withoutPath(glob));
}

function withoutPath(text: string): string {
  return text.replaceAll("/", slash).replaceAll("\\", backslash);
}
