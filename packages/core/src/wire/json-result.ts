import { ProtocolError } from "../errors/protocol-error.ts";
import { redact } from "../redact.ts";
import type { WireAnswer } from "./codec.ts";
import type { Operation } from "./operation.ts";

/** Parses an answer's text as JSON. An empty one is undefined. */
export function parseAnswer(operation: Operation, answer: WireAnswer): unknown {
  if (answer.text.trim() === "") return undefined;
  try {
    return JSON.parse(answer.text) as unknown;
  } catch (cause) {
    throw notTheProtocol(operation, answer, "is not JSON", cause);
  }
}

/** The value as the kind of result the operation has. */
export function asResult(operation: Operation, answer: WireAnswer, value: unknown): unknown {
  switch (operation.result) {
    case "nothing":
      return undefined;
    case "list":
      // An empty list may be null or absent.
      if (value === null || value === undefined) return [];
      if (Array.isArray(value)) return value;
      break;
    case "string":
      if (typeof value === "string" && value !== "") return value;
      break;
    case "object":
      if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
      break;
    default:
      operation.result satisfies never;
  }
  throw notTheProtocol(operation, answer, `is not the ${operation.result} that the operation returns`);
}

/** The error for an answer that no vCenter gives. Shows status, type and the beginning, without secrets. */
export function notTheProtocol(operation: Operation, answer: WireAnswer, what: string, cause?: unknown): ProtocolError {
  const start = redact(answer.text.slice(0, 400)).replace(/\s+/g, " ").trim().slice(0, 200);
  const shown = start === "" ? "It is empty." : `It begins: ${start}`;
  const type = answer.contentType || "no content type";
  return new ProtocolError(
    `${operation.id}: the server's answer (status ${answer.status}, ${type}) ${what}. Is the address that of a vCenter? ${shown}`,
    cause === undefined ? {} : { cause },
  );
}
