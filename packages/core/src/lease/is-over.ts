import type { ServerError } from "../errors/server-error.ts";

/** Whether the server says that there is nothing left to renew or end. */
export function isOver(error: ServerError): boolean {
  return error.errorType === "NOT_FOUND" || error.errorType === "NOT_ALLOWED_IN_CURRENT_STATE";
}
