import { downloadSessionFileHandlers } from "./download-session-file.ts";
import { downloadSessionHandlers } from "./download-session.ts";
import type { Handler } from "./handler.ts";
import { itemFileHandlers } from "./item-file.ts";
import { itemHandlers } from "./item.ts";
import { libraryHandlers } from "./library.ts";
import type { ServedOperationId } from "../model/operations.ts";
import { sessionHandlers } from "./session.ts";
import { updateSessionFileHandlers } from "./update-session-file.ts";
import { updateSessionHandlers } from "./update-session.ts";
import { operationFacts, operations } from "@carrel/core/operations";
import type { Operation, OperationFacts } from "@carrel/core/operations";
import { updateOperationFacts } from "../gen/facts.gen.ts";
import { updateOperations } from "../gen/operations.gen.ts";

/** The handler of each operation. Complete: an operation without a handler is a type error. */
const handlers: Readonly<Record<ServedOperationId, Handler>> = {
  ...sessionHandlers,
  ...libraryHandlers,
  ...itemHandlers,
  ...itemFileHandlers,
  ...downloadSessionHandlers,
  ...downloadSessionFileHandlers,
  ...updateSessionHandlers,
  ...updateSessionFileHandlers,
};

/** An operation with everything that serves it. */
export interface ServedOperation {
  readonly id: ServedOperationId;
  readonly operation: Operation;
  readonly facts: OperationFacts;
  readonly handler: Handler;
}

const table: Readonly<Record<ServedOperationId, Operation>> = { ...operations, ...updateOperations };
const facts: Readonly<Record<ServedOperationId, OperationFacts>> = { ...operationFacts, ...updateOperationFacts };

/** All operations of the simulator. */
export const servedOperations: readonly ServedOperation[] = Object.keys(table).map((key) => {
  const id = key as ServedOperationId;
  return { id, operation: table[id], facts: facts[id], handler: handlers[id] };
});
