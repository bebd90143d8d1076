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

const typeByStatus: Readonly<Record<number, ErrorType>> = {
  400: "INVALID_ARGUMENT",
  401: "UNAUTHENTICATED",
  403: "UNAUTHORIZED",
  404: "NOT_FOUND",
  409: "CONCURRENT_CHANGE",
  429: "SERVICE_UNAVAILABLE",
  503: "SERVICE_UNAVAILABLE",
  504: "TIMED_OUT",
};

/** The HTTP status of an error type, which differs between the styles. */
export function statusOfError(errorType: ErrorType, style: WireStyle): number {
  return inBoth[errorType] ?? (style === "api" ? modern : legacy)[errorType] ?? 400;
}

/** The error type that goes best with a status. */
export function errorTypeOfStatus(status: number): ErrorType {
  return typeByStatus[status] ?? (status >= 500 ? "INTERNAL_SERVER_ERROR" : "ERROR");
}
