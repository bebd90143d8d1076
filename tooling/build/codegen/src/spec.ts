import { readFile } from "node:fs/promises";
import { parse } from "yaml";

/** The parts of an OpenAPI 3.1 document that the generator reads. */
export interface Spec {
  readonly paths: Readonly<Record<string, Readonly<Record<string, SpecOperation>>>>;
  readonly components: {
    readonly schemas?: Readonly<Record<string, Schema>>;
    readonly responses?: Readonly<Record<string, SpecResponse>>;
  };
}

export interface SpecOperation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description: string;
  readonly security?: readonly unknown[];
  readonly parameters?: readonly SpecParameter[];
  readonly requestBody?: SpecBody;
  readonly responses: Readonly<Record<string, SpecResponse>>;
  readonly "x-carrel-cost": string;
  readonly "x-carrel-idempotency": string;
  readonly "x-carrel-privilege"?: string;
  readonly "x-carrel-internal"?: boolean;
}

export interface SpecParameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required: boolean;
  readonly description: string;
  readonly schema: Schema;
}

export interface SpecBody {
  readonly required?: boolean;
  readonly content: Readonly<Record<string, { readonly schema: Schema }>>;
  readonly "x-carrel-members"?: readonly string[];
}

export interface SpecResponse {
  readonly $ref?: string;
  readonly description?: string;
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>;
  readonly "x-carrel-errors"?: readonly string[];
}

export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
  readonly allOf?: readonly Schema[];
}

/** Reads one document of the specification. */
export async function readSpec(file: URL): Promise<Spec> {
  return parse(await readFile(file, "utf8")) as Spec;
}

/** The last part of a `$ref`: the name of what it points to. */
export function refName(ref: string): string {
  return ref.slice(ref.lastIndexOf("/") + 1);
}

/** The name of the model a schema refers to, directly or through a single `allOf`. */
export function modelName(schema: Schema): string | undefined {
  const ref = schema.$ref ?? schema.allOf?.[0]?.$ref;
  return ref === undefined ? undefined : refName(ref);
}
