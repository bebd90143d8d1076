/** The parts of a Swagger 2.0 or OpenAPI 3 document that the audit reads. Nothing is checked yet. */
export interface RawDocument {
  readonly swagger?: string;
  readonly openapi?: string;
  readonly info?: { readonly title?: string; readonly version?: string };
  readonly basePath?: string;
  readonly servers?: readonly { readonly url?: string }[];
  readonly paths?: Readonly<Record<string, RawPathItem>>;
  readonly definitions?: Readonly<Record<string, RawSchema>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, RawSchema>> };
}

export interface RawPathItem {
  readonly $ref?: string;
  readonly parameters?: readonly RawParameter[];
  readonly [method: string]: RawOperation | readonly RawParameter[] | string | undefined;
}

export interface RawOperation {
  readonly operationId?: string;
  readonly parameters?: readonly RawParameter[];
  readonly requestBody?: RawRequestBody;
  readonly responses?: Readonly<Record<string, RawResponse>>;
}

export interface RawRequestBody {
  readonly $ref?: string;
  readonly required?: boolean;
  readonly content?: RawContent;
}

/** In Swagger 2.0 a parameter has its type itself, or a `schema` when it is the body. */
export interface RawParameter extends RawSchema {
  readonly name?: string;
  readonly in?: string;
  readonly schema?: RawSchema;
}

export interface RawResponse {
  readonly $ref?: string;
  readonly description?: string;
  readonly content?: RawContent;
  readonly schema?: RawSchema;
  readonly "x-carrel-errors"?: readonly string[];
  readonly "x-carrel-since"?: string;
}

type RawContent = Readonly<Record<string, { readonly schema?: RawSchema }>>;

export interface RawSchema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly description?: string;
  readonly enum?: readonly string[];
  /** In a schema the names of the members, in a Swagger 2.0 parameter a boolean. */
  readonly required?: readonly string[] | boolean;
  readonly properties?: Readonly<Record<string, RawSchema>>;
  readonly additionalProperties?: RawSchema | boolean;
  readonly items?: RawSchema;
  readonly allOf?: readonly RawSchema[];
  readonly "x-carrel-since"?: string;
}

/** The schema of a JSON body, whatever parameters its media type has. */
export function jsonSchema(content: RawContent | undefined): RawSchema | undefined {
  const [, media] = Object.entries(content ?? {}).find(([type]) => type.startsWith("application/json")) ?? [];
  return media?.schema;
}
