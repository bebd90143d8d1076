/** An example in a README or a docstring. */
export interface Snippet {
  /** Where it is, such as `packages/core/src/redact.ts:12`. */
  readonly place: string;
  /** `tsx` where it has elements in it, which Node does not run. */
  readonly language: "ts" | "tsx";
  readonly code: string;
}
