import { spaceAdvice } from "./space-advice.ts";
import type { MirrorError, MirrorProblem } from "@carrel/mirror";

const moveOrRemove = ["Move or remove it."];
const startOver =
  "move it away: existing files are then compared with the checksums on the server, and those that match are kept.";

/** What a mirror is in, for another one to be chosen. */
function nounFor({ path = "" }: MirrorError): string {
  return path.startsWith("s3://") ? "prefix" : "directory";
}

/** What to do about a directory that is not a mirror, or an item that is not in place. */
const advice: Readonly<Record<MirrorProblem, (error: MirrorError) => readonly string[]>> = {
  locked: (error) => [`Wait for it to end, or choose another ${nounFor(error)}. Its lock is ${error.path ?? ""}`],
  "other-library": (error) => [
    `Choose another ${nounFor(error)}. Or move ${error.path ?? ""} away to mirror this library from now on.`,
  ],
  "inside-other": () => ["Nothing was written. Choose a directory beside it."],
  "not-a-mirror": (error) => [`Name the ${nounFor(error)} that carrel mirror keeps up to date.`],
  record: () => [`M${startOver.slice(1)}`],
  "record-owner": () => [
    "It decides which files are deleted. Run mirror as its owner, or make it writable for the owner only.",
    `Or ${startOver}`,
  ],
  "library-empty": ({ path = "" }) => [
    "Nothing was deleted. Check that this user may still see its items.",
    `If the library is really empty, delete ${path}`,
  ],
  "too-many-deletions": () => [
    "Nothing was changed. See which: --dry-run. If they are really to go, run it with a larger --max-delete.",
  ],
  "no-space": () => spaceAdvice,
  "other-items": () => [
    "Nothing was changed. Mirror to another directory. Or remove lib.json, items.json and each item.json there: subscribers then " +
      "have to subscribe again.",
  ],
  obstacle: () => moveOrRemove,
  "not-ours": () => moveOrRemove,
  "through-link": () => [
    "Put the directory itself there, or remove the link. The directory of the whole mirror may be a link, or on another disk.",
  ],
  "gone-through-link": () => ["Nothing was deleted. Remove the link; what it leads to is yours to keep or to delete."],
  "name-clash": () => [
    "Rename all but one of them on the server. Or download them one by one: carrel get LIBRARY/ID -o DIR",
  ],
  "name-exists": () => ["Move it away. What is left of an item that no longer exists on the server, --delete removes."],
  "name-in-use": () => ["That item could not be moved: see its error."],
  changed: () => ["Run the same command again to download the new version."],
  // Each item says its own.
  incomplete: () => [],
};

/** Says what to do about an error of a mirror, a line each. */
export function mirrorAdvice(error: MirrorError): readonly string[] {
  return advice[error.problem](error);
}
