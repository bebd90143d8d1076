import type { CarrelErrorJson } from "./errors/carrel-error.ts";
import { redact } from "./redact.ts";
import type { WireStyle } from "./wire/codec.ts";

/**
 * What the client does, for logs and traces. Contains no secrets.
 *
 * - `style`: the wire style is known, by an answer with this status.
 * - `login`, `logout`: an API session was created or ended. `renewed`: it replaces one that the server no longer
 *   accepted.
 * - `request`, `response`, `failure`: one attempt of one operation was sent, was answered, or got no answer.
 * - `retry`: the operation will be attempted again after `delayMs`.
 * - `left-open`: the download session `sessionId` could not be ended on the server. It will expire there, unless
 *   `downloadSession.delete` ends it.
 */
export type DiagnosticEvent =
  | { readonly type: "style"; readonly style: WireStyle; readonly status: number }
  | { readonly type: "login"; readonly renewed: boolean }
  | { readonly type: "logout"; readonly error?: CarrelErrorJson }
  | ({ readonly type: "request"; readonly method: string } & Attempt)
  | ({ readonly type: "response"; readonly status: number; readonly durationMs: number } & Attempt)
  | ({ readonly type: "failure"; readonly error: CarrelErrorJson | "aborted"; readonly durationMs: number } & Attempt)
  | { readonly type: "left-open"; readonly sessionId: string; readonly error: CarrelErrorJson }
  | ({ readonly type: "retry"; readonly delayMs: number; readonly error: CarrelErrorJson } & Attempt);

/** One attempt of one operation. */
export interface Attempt {
  /** The `operationId`, such as `downloadSession.keepAlive`. */
  readonly operation: string;
  /** 1 for the first attempt. */
  readonly attempt: number;
  readonly context?: Readonly<Record<string, unknown>>;
}

/** Where diagnostic events are written, without secrets. The platform's `console` is one. */
export interface Logger {
  debug(message: string, details?: object): void;
  warn(message: string, details?: object): void;
}

/** Where diagnostic events go. */
export interface Observer {
  emit(event: DiagnosticEvent): void;
  add(listener: (event: DiagnosticEvent) => void): () => void;
}

/** Passes events to the logger and to listeners. A listener that throws does not disturb the client. */
export function createObserver(logger: Logger | undefined): Observer {
  const listeners = new Set<(event: DiagnosticEvent) => void>();
  return {
    emit(event) {
      if (event.type === "retry" || event.type === "left-open") logger?.warn(`carrel ${event.type}`, event);
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
