import { operationFacts, operations } from "@carrel/core/internal";
import type { Operation, OperationFacts } from "@carrel/core/internal";
import { updateOperationFacts } from "../gen/facts.gen.ts";
import { updateOperations } from "../gen/operations.gen.ts";
import type { Handler } from "./handler.ts";
import { handlers } from "./handlers.ts";
import type { ServedOperationId } from "../model/served-operation-id.ts";

/** One operation with all that serving it takes. */
export interface ServedOperation {
  readonly id: ServedOperationId;
  readonly operation: Operation;
  readonly facts: OperationFacts;
  readonly handler: Handler;
}

const table: Readonly<Record<ServedOperationId, Operation>> = { ...operations, ...updateOperations };
const facts: Readonly<Record<ServedOperationId, OperationFacts>> = { ...operationFacts, ...updateOperationFacts };

/** Every operation that the simulator serves. */
export const servedOperations: readonly ServedOperation[] = Object.keys(table).map((key) => {
  const id = key as ServedOperationId;
  return { id, operation: table[id], facts: facts[id], handler: handlers[id] };
});
