/** Whether an operation may be repeated when its answer was lost. Does not follow semantic versioning. */
export type Idempotency =
  /** Changes nothing. */
  | "safe"
  /** Repeating it changes nothing further. */
  | "idempotent"
  /** Repeating it with the same client token changes nothing further. */
  | "token"
  /** Must not be repeated blindly. */
  | "once";

/** The kind of result that an operation returns. Does not follow semantic versioning. */
export type ResultKind = "nothing" | "string" | "object" | "list";

/** The body of a request: none, the members of the input, or those inside one named member. Does not follow semantic versioning. */
export type BodyKind = "none" | "members" | { readonly wrapper: string };

/** One operation in one wire style. Does not follow semantic versioning. */
export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** The path below `/api` or `/rest`; `{name}` stands for a path parameter. */
  readonly path: string;
  /** The value of the action parameter, where the operation is one of several on a path. */
  readonly action?: string;
  /** Parameters that are sent in the query, leading arguments of the call included. */
  readonly query: readonly string[];
  readonly body: BodyKind;
  /** Where the client token is sent, for operations whose idempotency is `token`. */
  readonly clientToken?: "header" | "body";
  /** The status of success. Clients accept any 2xx. */
  readonly status: 200 | 201 | 204;
}

/** One operation of the specification in both wire styles. Does not follow semantic versioning. */
export interface Operation {
  /** The `operationId` of the specification, such as `downloadSession.keepAlive`. */
  readonly id: string;
  readonly idempotency: Idempotency;
  /** What the request must carry: an API session or credentials. */
  readonly access: "session" | "login";
  /** The names of the leading arguments of the call, in order. */
  readonly arguments: readonly string[];
  readonly result: ResultKind;
  /** The model of the result, or of its elements; without one they are strings. */
  readonly model?: string;
  readonly api: Route;
  readonly rest: Route;
}
