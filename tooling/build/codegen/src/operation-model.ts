import type { Schema } from "./spec.ts";

export type Style = "api" | "rest";
export type Result = { readonly kind: "nothing" | "string" | "object" | "list"; readonly model?: string };

/** One operation in one style, as the specification has it. */
export interface RouteModel {
  readonly method: string;
  readonly path: string;
  readonly action?: string;
  readonly pathParameters: readonly string[];
  readonly query: readonly InputMember[];
  readonly body: BodyModel | undefined;
  readonly clientToken?: "header" | "body";
  readonly status: number;
  readonly result: Result;
  /** Error types by status. */
  readonly errors: Readonly<Record<string, readonly string[]>>;
}

export interface BodyModel {
  readonly model: string;
  readonly wrapper?: string;
  readonly required: boolean;
  /** The members that count, where the server ignores the others. */
  readonly members?: readonly string[];
}

export interface InputMember {
  readonly name: string;
  readonly required: boolean;
  readonly description: string;
  readonly schema: Schema;
}

/** One operation in both styles: what every writer works from. */
export interface OperationModel {
  readonly id: string;
  readonly summary: string;
  readonly description: string;
  readonly cost: string;
  readonly idempotency: string;
  readonly privilege?: string;
  readonly internal: boolean;
  readonly access: "session" | "login";
  readonly arguments: readonly InputMember[];
  readonly api: RouteModel;
  readonly rest: RouteModel;
}
