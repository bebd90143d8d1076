import { CarrelError, ServerError } from "@carrel/core";
import { LockLostError } from "@carrel/node-stream/fs";

/**
 * Returns whether a failure is an item's own, so that the others can still be brought up to date. The rest stops the run: the
 * login was refused, another run took a lock over, or it is not an error of Carrel, but a fault of the program.
 */
export function concernsOneItem(error: unknown): error is CarrelError {
  if (!(error instanceof CarrelError) || error instanceof LockLostError) return false;
  return !(error instanceof ServerError && error.errorType === "UNAUTHENTICATED");
}
