import { modelSchemas, operationFacts, operations } from "@carrel/core/internal";
import type { ModelSchema, Operation, OperationFacts, OperationId } from "@carrel/core/internal";
import type { Handler } from "../operations/handler.ts";
import { handlers } from "../operations/handlers.ts";

/** Identifier of an operation that the simulator serves. */
export type ServedOperationId = OperationId;

/** One operation with all that serving it takes. */
export interface ServedOperation {
  readonly id: ServedOperationId;
  readonly operation: Operation;
  readonly facts: OperationFacts;
  readonly handler: Handler;
}

/** Every operation that the simulator serves. */
export const servedOperations: readonly ServedOperation[] = Object.keys(operations).map((key) => {
  const id = key as OperationId;
  return { id, operation: operations[id], facts: operationFacts[id], handler: handlers[id] };
});

/** The schemas that inputs are checked by. */
export const schemas: Readonly<Record<string, ModelSchema>> = modelSchemas;
