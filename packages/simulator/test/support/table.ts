import { operationFacts, operations } from "@carrel/core/operations";
import type { Operation, OperationFacts } from "@carrel/core/operations";
import { updateOperationFacts } from "../../src/gen/facts.gen.ts";
import { updateOperations } from "../../src/gen/operations.gen.ts";
import type { ServedOperationId } from "../../src/index.ts";

/** Every operation that the simulator serves. */
export const table: Readonly<Record<ServedOperationId, Operation>> = { ...operations, ...updateOperations };

export const facts: Readonly<Record<ServedOperationId, OperationFacts>> = {
  ...operationFacts,
  ...updateOperationFacts,
};

export const operationIds = Object.keys(table) as ServedOperationId[];

export const styles = ["api", "rest"] as const;
