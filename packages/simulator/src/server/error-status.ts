import type { ErrorType, WireStyle } from "@carrel/core";

const inBoth: Partial<Record<ErrorType, number>> = {
  NOT_FOUND: 404,
  OPERATION_NOT_FOUND: 404,
  UNAUTHENTICATED: 401,
  UNAUTHORIZED: 403,
  INTERNAL_SERVER_ERROR: 500,
  SERVICE_UNAVAILABLE: 503,
};

const modern: Partial<Record<ErrorType, number>> = {
  CONCURRENT_CHANGE: 409,
  RESOURCE_BUSY: 500,
  RESOURCE_INACCESSIBLE: 500,
  UNABLE_TO_ALLOCATE_RESOURCE: 500,
  TIMED_OUT: 500,
  ERROR: 500,
};

const legacy: Partial<Record<ErrorType, number>> = { TIMED_OUT: 504 };

/** The HTTP status of an error type, which differs between the styles. */
export function statusOfError(errorType: ErrorType, style: WireStyle): number {
  return inBoth[errorType] ?? (style === "api" ? modern : legacy)[errorType] ?? 400;
}
