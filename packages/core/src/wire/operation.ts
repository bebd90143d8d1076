/** How safe an operation is to repeat when its answer was lost. */
export type Idempotency =
  /** Changes nothing. */
  | "safe"
  /** Repeating it changes nothing more. */
  | "idempotent"
  /** Repeating it with the same client token changes nothing more. */
  | "token"
  /** Must not be repeated blindly. */
  | "once";

/** What an operation returns, as far as the codecs must know. */
export type ResultKind = "nothing" | "string" | "object" | "list";

/** The body of a request: none, the input's own members, or those inside one named member. */
export type BodyKind = "none" | "members" | { readonly wrapper: string };

/** One operation in one wire style. */
export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Path below `/api` or `/rest`; `{name}` stands for a path parameter. */
  readonly path: string;
  /** Value of the action parameter, where the operation is one of several on a path. */
  readonly action?: string;
  /** Parameters that go into the query, path arguments of the face included. */
  readonly query: readonly string[];
  readonly body: BodyKind;
  /** Where the client token goes, for operations whose idempotency is `token`. */
  readonly clientToken?: "header" | "body";
  /** Status of success. Clients accept any 2xx. */
  readonly status: 200 | 201 | 204;
}

/** One operation of the specification in both wire styles. */
export interface Operation {
  /** The `operationId` of the specification, such as `downloadSession.keepAlive`. */
  readonly id: string;
  readonly idempotency: Idempotency;
  /** What the request must show: an API session, or credentials. */
  readonly access: "session" | "login";
  /** Names of the face's leading arguments, in order. */
  readonly arguments: readonly string[];
  readonly result: ResultKind;
  /** Model of the result, or of its elements; without one they are texts. */
  readonly model?: string;
  readonly api: Route;
  readonly rest: Route;
}
