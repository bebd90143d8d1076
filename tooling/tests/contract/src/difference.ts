import { isMembers } from "./json.ts";
import type { Json } from "./json.ts";

/** Stands for a value that only one of two answers has. */
export const absent = "(absent)";

/** What one answer has in the place of another's, by paths such as `body.value[0].name`. */
export type Differences = Readonly<Record<string, string | number | boolean | null>>;

/** One way in which vcsim does not do what the contract says. */
export interface VcsimDifference {
  readonly reason: string;
  /** What its answers have instead, by exchange and path. */
  readonly answers: Readonly<Record<string, Differences>>;
}

const longest = 150;

/** Where two answers differ, and what the second one has there. A whole branch is one difference, as JSON. */
export function differencesOf(ours: Json | undefined, theirs: Json | undefined, path = ""): Differences {
  if (isMembers(ours) && isMembers(theirs)) {
    const names = new Set([...Object.keys(ours), ...Object.keys(theirs)]);
    return merge([...names].map((name) => differencesOf(ours[name], theirs[name], path ? `${path}.${name}` : name)));
  }
  if (Array.isArray(ours) && Array.isArray(theirs)) {
    const [our, their] = [ours as readonly Json[], theirs as readonly Json[]];
    const count = Math.max(our.length, their.length);
    return merge(Array.from({ length: count }, (_, at) => differencesOf(our[at], their[at], `${path}[${at}]`)));
  }
  return JSON.stringify(ours) === JSON.stringify(theirs) ? {} : { [path]: inShort(theirs) };
}

function inShort(value: Json | undefined): string | number | boolean | null {
  if (value === undefined) return absent;
  if (typeof value !== "object" || value === null) return value;
  const text = JSON.stringify(value);
  return text.length <= longest ? text : "(more)";
}

function merge(all: readonly Differences[]): Differences {
  return Object.assign({}, ...all) as Differences;
}
