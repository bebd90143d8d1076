import type { Style } from "./document.ts";

/**
 * `lack`: the vendor has it and we do not. `extra`: the other way round. `differs`: both have it, differently. `broken`: a
 * reference cannot be resolved, so it could not be compared.
 */
export type FindingKind = "lack" | "extra" | "differs" | "broken";

/** One difference between our specification and the vendor's file. */
export interface Finding {
  readonly style: Style;
  /** Our name of the operation or the model; the vendor's path where we have no name for it. */
  readonly subject: string;
  readonly kind: FindingKind;
  /** Which part of it, such as `status 404` or `member size`. */
  readonly what: string;
  /** What both sides say, where the kind is not enough. */
  readonly detail?: string;
}
