import type { Style } from "./document.ts";
import type { Finding, FindingKind } from "./finding.ts";
import { compareVersions } from "./version.ts";

/** Collects what the comparison finds. */
export class AuditLog {
  readonly version: string | undefined;
  /** Names of all operations and models that were compared, by style. */
  readonly subjects: Record<Style, Set<string>> = { api: new Set(), rest: new Set() };
  /** What we have because a later version has it. */
  readonly newer: Set<string> = new Set();
  readonly #findings = new Map<string, Finding>();

  constructor(version: string | undefined) {
    this.version = version;
  }

  get findings(): readonly Finding[] {
    return [...this.#findings.values()];
  }

  add(style: Style, subject: string, kind: FindingKind, what: string, detail?: string): void {
    const finding: Finding = { style, subject, kind, what, ...(detail === undefined ? {} : { detail }) };
    this.#findings.set([style, subject, kind, what].join("\n"), finding);
  }

  /** Records something that only we have, unless it was added in a later version than the file's (or the file has none). */
  addExtra(style: Style, subject: string, what: string, since: string | undefined): void {
    if (since !== undefined && (this.version === undefined || compareVersions(since, this.version) > 0)) {
      this.newer.add(`${subject}: ${what} (${since})`);
    } else {
      this.add(style, subject, "extra", what);
    }
  }
}
