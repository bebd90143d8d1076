import type { DownloadSessionState } from "../gen/models.gen.ts";
import type { OperationId } from "../gen/operations.gen.ts";

/** State of a download session after which an operation counts as carried out. */
const doneStates: Partial<Record<OperationId, DownloadSessionState>> = {
  "downloadSession.cancel": "CANCELED",
  "downloadSession.fail": "ERROR",
};

/** The state that proves that an operation took effect, for operations that are confirmed and not repeated blindly. */
export function confirmingState(operation: string): DownloadSessionState | undefined {
  return doneStates[operation as OperationId];
}
