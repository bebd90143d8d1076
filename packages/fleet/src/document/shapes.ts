import type { Complaint } from "./mistakes.ts";

/** What a part of a document may be. */
export type Shape = TextShape | CountShape | FlagShape | RecordShape | NamesShape;

/** A text. */
export interface TextShape {
  readonly kind: "text";
  readonly description: string;
  /** Part of the schema; `check` says more. */
  readonly pattern?: string;
  readonly examples?: readonly string[];
  /** Returns what is wrong with a text, which is not empty. */
  readonly check?: (text: string) => Complaint | undefined;
}

/** A whole number. */
export interface CountShape {
  readonly kind: "count";
  readonly description: string;
  readonly least: number;
  readonly most: number;
  readonly fallback: number;
}

/** `true` or `false`. */
export interface FlagShape {
  readonly kind: "flag";
  readonly description: string;
  readonly fallback: boolean;
}

/** Members with keys of their own. */
export interface RecordShape {
  readonly kind: "record";
  readonly description: string;
  readonly members: Readonly<Record<string, Shape>>;
  readonly required: readonly string[];
  /** Exactly one of these is there. */
  readonly oneOf?: readonly [string, string];
  /** Keys that need another one. */
  readonly needs?: Readonly<Record<string, string>>;
}

/** Members of one shape, by names that the author chooses. */
export interface NamesShape {
  readonly kind: "names";
  readonly description: string;
  readonly each: RecordShape;
}

/** Names of vCenters, targets and mirrors. They are written on command lines, in metrics and in paths of records. */
export const namePattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$";

/** A text as a message shows it: in quotes, without what a terminal would act on, and not all of it where it is long. */
export function shownText(text: string): string {
  const short = text.length > 60 ? `${text.slice(0, 59)}…` : text;
  return JSON.stringify(short);
}
