/**
 * The operation table and the facts of the specification, for servers and tools. Does not follow semantic versioning.
 * @packageDocumentation
 */
export { modelSchemas, operationFacts } from "./gen/facts.gen.ts";
export { mapMembers, operations } from "./gen/operations.gen.ts";
export type { OperationId } from "./gen/operations.gen.ts";
export type { BodyKind, Idempotency, Operation, ResultKind, Route } from "./wire/operation.ts";
export type { InputFacts, ModelSchema, OperationFacts, RouteFacts } from "./wire/operation-facts.ts";
