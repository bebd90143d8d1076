import type { DiagnosticEvent } from "@carrel/core";

/** Describes what a client does, in a line for people; `undefined` where another line says it. Contains no secrets. */
export function describeDiagnostic(event: DiagnosticEvent): string | undefined {
  switch (event.type) {
    case "style":
      return `the server has the wire style ${event.style}`;
    case "login":
      return event.renewed ? "logged in again: the session had ended" : "logged in";
    case "logout":
      return event.error === undefined ? "logged out" : `could not log out: ${event.error.message}`;
    case "response":
      return `${event.operation}: ${event.status} in ${Math.round(event.durationMs)} ms${attemptOf(event)}`;
    case "failure": {
      const why = event.error === "aborted" ? "aborted" : event.error.message;
      return `${event.operation}: failed after ${Math.round(event.durationMs)} ms${attemptOf(event)}: ${why}`;
    }
    case "retry":
      return `${event.operation}: sent again in ${Math.round(event.delayMs)} ms: ${event.error.message}`;
    case "request":
    // A warning says so.
    case "left-open":
      return undefined;
    default:
      event satisfies never;
      return undefined;
  }
}

/** Describes what a client does with all its details, for --debug. */
export function describeInFull(event: DiagnosticEvent): string {
  const { type, ...rest } = event;
  return `${type} ${JSON.stringify(rest)}`;
}

function attemptOf({ attempt }: { readonly attempt: number }): string {
  return attempt > 1 ? `, attempt ${attempt}` : "";
}
