/** An example as it stands in a README or a docstring. */
export interface Snippet {
  /** Where it stands, such as `packages/core/src/redact.ts:12`. */
  readonly place: string;
  readonly code: string;
}
