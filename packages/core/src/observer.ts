import type { DiagnosticEvent } from "./diagnostics.ts";
import type { Logger } from "./logger.ts";
import { redact } from "./redact.ts";

/** Where diagnostic events go. */
export interface Observer {
  emit(event: DiagnosticEvent): void;
  add(listener: (event: DiagnosticEvent) => void): () => void;
}

/** Hands events to the logger and to listeners. A listener that throws does not disturb the client. */
export function createObserver(logger: Logger | undefined): Observer {
  const listeners = new Set<(event: DiagnosticEvent) => void>();
  return {
    emit(event) {
      if (event.type === "retry" || event.type === "untidy") logger?.warn(`carrel ${event.type}`, event);
      else logger?.debug(`carrel ${event.type}`, event);
      for (const listener of listeners) {
        try {
          listener(event);
        } catch (error) {
          logger?.warn("carrel: a diagnostics listener failed", { error: redact(String(error)) });
        }
      }
    },
    add(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
