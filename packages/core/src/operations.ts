/**
 * For the other packages of this project. Does not follow semantic versioning.
 * @packageDocumentation
 */
export { mapMembers, operations } from "./gen/operations.gen.ts";
export type { OperationId } from "./gen/operations.gen.ts";
export { modelSchemas, operationFacts } from "./gen/facts.gen.ts";
export type { BodyKind, Idempotency, Operation, ResultKind, Route } from "./wire/operation.ts";
export type { InputFacts, ModelSchema, OperationFacts, RouteFacts } from "./wire/operation-facts.ts";
export { findJsonMistake } from "./kit/json.ts";
export { redact } from "./redact.ts";
