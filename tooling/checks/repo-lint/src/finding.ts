/** Something that breaks a rule of the house. */
export interface Finding {
  /** Path from the root of the repository. */
  readonly file: string;
  readonly line: number;
  readonly rule: string;
  readonly message: string;
  /** What to do about it. */
  readonly mend: string;
}

/** One finding as one line of text. */
export function formatFinding({ file, line, rule, message, mend }: Finding): string {
  return `${file}:${line}: ${rule}: ${message} Mend: ${mend}`;
}
