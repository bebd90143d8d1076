/** What the specification declares of an operation beyond its route. */
export interface OperationFacts {
  /** The privilege it needs, such as `System.Read`. */
  readonly privilege?: string;
  readonly api: RouteFacts;
  readonly rest: RouteFacts;
}

export interface RouteFacts {
  /** Error types by status, such as `{ "404": ["NOT_FOUND"] }`. */
  readonly errors: Readonly<Record<string, readonly string[]>>;
  readonly requiredQuery: readonly string[];
  readonly input?: InputFacts;
}

export interface InputFacts {
  /** Name of the model in {@link modelSchemas}. */
  readonly model: string;
  readonly required: boolean;
  /** Members that must be there, where the model itself leaves them optional. */
  readonly members?: readonly string[];
}

/** A model of the specification, as far as checking an input needs it. */
export interface ModelSchema {
  /** Name of another model that this is. */
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
