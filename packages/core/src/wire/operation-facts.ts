/** What the specification declares about an operation beyond its routes. Does not follow semantic versioning. */
export interface OperationFacts {
  /** The privilege that it requires, such as `System.Read`. */
  readonly privilege?: string;
  readonly api: RouteFacts;
  readonly rest: RouteFacts;
}

/** The same about the operation in one wire style. Does not follow semantic versioning. */
export interface RouteFacts {
  /** Error types by status, such as `{ "404": ["NOT_FOUND"] }`. */
  readonly errors: Readonly<Record<string, readonly string[]>>;
  readonly requiredQuery: readonly string[];
  readonly input?: InputFacts;
}

/** The same about the input of a route. Does not follow semantic versioning. */
export interface InputFacts {
  /** The name of the model in {@link modelSchemas}. */
  readonly model: string;
  readonly required: boolean;
  /** Members that are required here, although the model itself leaves them optional. */
  readonly members?: readonly string[];
}

/** A model of the specification, as far as it is needed to check an input. Does not follow semantic versioning. */
export interface ModelSchema {
  /** The name of the model that this is another name of. */
  readonly model?: string;
  readonly type?: string;
  readonly format?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, ModelSchema>>;
  readonly items?: ModelSchema;
  readonly additionalProperties?: ModelSchema;
}
