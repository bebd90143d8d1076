/** A place that breaks a house rule. */
export interface Finding {
  /** Path from the root of the repository. */
  readonly file: string;
  readonly line: number;
  readonly rule: string;
  readonly message: string;
  /** How to fix it. */
  readonly fix: string;
}

/** One finding as one line of text. */
export function formatFinding({ file, line, rule, message, fix }: Finding): string {
  return `${file}:${line}: ${rule}: ${message} Fix: ${fix}`;
}
