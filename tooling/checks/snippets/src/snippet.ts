/** An example in a README or a docstring. */
export interface Snippet {
  /** Where it is, such as `packages/core/src/redact.ts:12`. */
  readonly place: string;
  readonly code: string;
}
