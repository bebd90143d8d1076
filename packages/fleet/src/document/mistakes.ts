/**
 * What is wrong with a part of a document.
 *
 * - `syntax`: it is not YAML.
 * - `kind`: a value is of another kind, such as a list in place of a text.
 * - `value`: a value is not among those that are allowed.
 * - `missing`: a key is missing.
 * - `unknown-key`: there is no such key; `known` are those that there are.
 * - `duplicate`: a key is there twice.
 * - `contradiction`: two keys exclude each other.
 * - `no-effect`: a key has no effect without another one.
 * - `secret`: it holds a password or the like.
 * - `name`: a name cannot be used.
 * - `undefined`: nothing with such a name is defined; `known` are the names that there are.
 * - `same-server`: two vCenters are the same server, so that their limits would not hold.
 * - `same-place`: two mirrors go to one place, or one of them into the other's.
 * - `cron`: it is not a cron expression.
 * - `never-fires`: there is no such day.
 * - `timezone`: there is no such time zone.
 */
export type DocumentProblem =
  | "syntax"
  | "kind"
  | "value"
  | "missing"
  | "unknown-key"
  | "duplicate"
  | "contradiction"
  | "no-effect"
  | "secret"
  | "name"
  | "undefined"
  | "same-server"
  | "same-place"
  | "cron"
  | "never-fires"
  | "timezone";

/** One mistake in a document. */
export interface DocumentMistake {
  readonly problem: DocumentProblem;
  /** Such as `mirrors.nightly.cron`; empty for the document as a whole. */
  readonly path: string;
  /** Counted from 1; absent where the document was not read from text. */
  readonly line?: number;
  readonly column?: number;
  /** The fact. Never repeats a secret. */
  readonly message: string;
  /** The key or the name that is not known. */
  readonly named?: string;
  /** What could have been meant. */
  readonly known?: readonly string[];
}

/** A mistake before it is known where in the text it is. */
export type Complaint = Pick<DocumentMistake, "problem" | "message" | "named" | "known">;

/** Keys from the top to a place in a document. */
export type KeyPath = readonly string[];

/** Writes a path as text: `mirrors.nightly.cron`, `vcenters["vc.example.com"].transfers`. */
export function pathText(path: KeyPath): string {
  return path.reduce((text, key) => {
    if (!/^[\p{L}\p{N}_-]+$/u.test(key)) return `${text}[${JSON.stringify(key)}]`;
    return text === "" ? key : `${text}.${key}`;
  }, "");
}
