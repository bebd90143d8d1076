import type { Style } from "./document.ts";

/**
 * `lack`: the vendor has it and we do not. `extra`: the other way round. `differs`: both have it, differently. `broken`: a
 * reference leads nowhere, so it could not be compared.
 */
export type FindingKind = "lack" | "extra" | "differs" | "broken";

/** One difference between our specification and the vendor's file. */
export interface Finding {
  readonly style: Style;
  /** Our name of the operation or the model; the vendor's path where nothing is known of it. */
  readonly subject: string;
  readonly kind: FindingKind;
  /** What of it, such as `status 404` or `member size`. */
  readonly what: string;
  /** Both sides' words, where the kind alone does not say it. */
  readonly detail?: string;
}
