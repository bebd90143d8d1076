import type { OperationId, Operation } from "@carrel/core/operations";
import type { UpdateOperationId } from "../gen/operations.gen.ts";
import { operations } from "@carrel/core/operations";
import { updateOperations } from "../gen/operations.gen.ts";

/** Identifier of an operation that the simulator serves: those of the client, and those for uploads. */
export type ServedOperationId = OperationId | UpdateOperationId;

const table: Readonly<Record<string, Operation>> = { ...operations, ...updateOperations };

/** Every operation that a fault can be for. */
export const operationIds: readonly string[] = Object.keys(table);

/** Whether an operation is about a download session. */
export function isAboutDownloadSession(operation: string): boolean {
  return table[operation]?.arguments.includes("download_session_id") ?? false;
}
