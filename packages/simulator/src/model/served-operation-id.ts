import type { OperationId } from "@carrel/core/internal";
import type { UpdateOperationId } from "../gen/operations.gen.ts";

/** Identifier of an operation that the simulator serves: those of the client's specification, and the update side. */
export type ServedOperationId = OperationId | UpdateOperationId;
