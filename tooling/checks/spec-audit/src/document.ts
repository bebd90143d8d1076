import type { RawSchema } from "./raw-document.ts";
import type { References } from "./references.ts";

/** `rest` is the legacy wire style, `api` the modern one. */
export type Style = "api" | "rest";

/** A document in the form in which ours and the vendor's can be compared. */
export interface Document {
  /** Name for messages. */
  readonly label: string;
  /** vSphere version, when it is known. */
  readonly version: string | undefined;
  readonly operations: readonly Operation[];
  /** Every schema by its name. */
  readonly schemas: ReadonlyMap<string, RawSchema>;
  readonly references: References;
  /** Paths that are references that cannot be resolved. */
  readonly broken: readonly BrokenPath[];
}

export interface BrokenPath {
  readonly style: Style;
  /** The path key. */
  readonly path: string;
  readonly why: string;
}

export interface Operation {
  /** Ours: the operationId. The vendor's: method and path key. */
  readonly label: string;
  readonly style: Style;
  readonly method: string;
  /** Below `/api` or `/rest`, without query and fragment. */
  readonly path: string;
  readonly action: string | undefined;
  /** All but the action and the body. */
  readonly parameters: readonly Parameter[];
  readonly body: { readonly required: boolean; readonly schema: RawSchema } | undefined;
  readonly responses: ReadonlyMap<string, Response>;
  /** Parts that are references that cannot be resolved, each with the reason: `parameter`, `body`, `status 404`. */
  readonly broken: readonly (readonly [part: string, why: string])[];
}

export interface Parameter {
  readonly in: "path" | "query" | "header";
  readonly name: string;
  readonly required: boolean;
  readonly schema: RawSchema;
}

export interface Response {
  readonly schema: RawSchema | undefined;
  /** Error types that the document names for this status; empty when it names none. */
  readonly errors: readonly string[];
  readonly since: string | undefined;
}
