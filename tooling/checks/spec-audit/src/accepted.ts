import type { Audit } from "./audit.ts";
import type { Style } from "./document.ts";
import type { Finding, FindingKind } from "./finding.ts";
import { compareVersions } from "./version.ts";

/** A difference that is intended, and why. `*` in `subject` and `what` stands for any text. */
export interface AcceptedDifference {
  readonly subject: readonly string[];
  readonly kind: FindingKind;
  readonly what: readonly string[];
  readonly style?: Style;
  /** Holds for files of this version and later only. */
  readonly from?: string;
  /** Holds for files of earlier versions only. */
  readonly before?: string;
  readonly reason: string;
}

const KINDS: ReadonlySet<unknown> = new Set(["lack", "extra", "differs", "broken"]);
const KNOWN: ReadonlySet<string> = new Set(["subject", "kind", "what", "style", "from", "before", "reason"]);

/** Reads the parsed file. Throws with the number of an entry that is invalid. */
export function readAccepted(raw: unknown): readonly AcceptedDifference[] {
  if (!Array.isArray(raw)) throw new Error("The file of accepted differences is not a list");
  return raw.map((entry: Record<string, unknown>, index) => {
    const { subject, kind, what, reason } = entry;
    const unknown = Object.keys(entry).find((key) => !KNOWN.has(key));
    if (unknown !== undefined) throw new Error(`Accepted difference ${index + 1}: unknown key "${unknown}"`);
    if (!isText(subject) || !KINDS.has(kind) || !isText(what)) {
      throw new Error(
        `Accepted difference ${index + 1} needs a subject, a what, and a kind of lack, extra, differs or broken`,
      );
    }
    if (typeof reason !== "string" || reason.trim() === "") {
      throw new Error(`Accepted difference ${index + 1} (${[subject].flat().join(", ")}) gives no reason`);
    }
    return { ...entry, subject: [subject].flat(), what: [what].flat() } as unknown as AcceptedDifference;
  });
}

export interface Judgement {
  readonly open: readonly Finding[];
  readonly accepted: ReadonlyMap<AcceptedDifference, readonly Finding[]>;
  /** Entries about something in this file that match nothing. */
  readonly unused: readonly AcceptedDifference[];
}

/** Sorts the findings into accepted and open ones. */
export function judge(result: Audit, entries: readonly AcceptedDifference[]): Judgement {
  const { log, styles } = result;
  const inForce = entries.filter((entry) => holdsFor(entry, log.version));
  const accepted = new Map<AcceptedDifference, Finding[]>();
  const open: Finding[] = [];
  for (const finding of log.findings) {
    const entry = inForce.find((candidate) => covers(candidate, finding));
    if (entry) accepted.set(entry, [...(accepted.get(entry) ?? []), finding]);
    else open.push(finding);
  }
  const spoken = (entry: AcceptedDifference): boolean =>
    styles.some(
      (style) =>
        (entry.style ?? style) === style && [...log.subjects[style]].some((subject) => matches(entry.subject, subject)),
    );
  return { open, accepted, unused: inForce.filter((entry) => !accepted.has(entry) && spoken(entry)) };
}

function covers(entry: AcceptedDifference, finding: Finding): boolean {
  return (
    entry.kind === finding.kind &&
    (entry.style ?? finding.style) === finding.style &&
    matches(entry.subject, finding.subject) &&
    matches(entry.what, finding.what)
  );
}

function holdsFor({ from, before }: AcceptedDifference, version: string | undefined): boolean {
  if (version === undefined) return true;
  const isLate = from === undefined || compareVersions(version, from) >= 0;
  return isLate && (before === undefined || compareVersions(version, before) < 0);
}

function isText(value: unknown): value is string | readonly string[] {
  return [value].flat().every((part) => typeof part === "string");
}

function matches(patterns: readonly string[], text: string): boolean {
  return patterns.some((pattern) => {
    const parts = pattern.split("*").map((part) => RegExp.escape(part));
    return new RegExp(`^${parts.join(".*")}$`).test(text);
  });
}
