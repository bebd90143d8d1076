import { ProtocolError } from "../errors/call-errors.ts";
import { isObject } from "../kit/objects.ts";
import { redact } from "../redact.ts";
import { checkResult } from "./check-result.ts";
import type { WireAnswer } from "./codec.ts";
import { readJson } from "./json.ts";
import type { Operation } from "./operation.ts";

/** Parses an answer's text as JSON. An empty one is undefined. */
export function parseAnswer(operation: Operation, answer: WireAnswer): unknown {
  if (answer.text.trim() === "") return undefined;
  const parsed = readJson(answer.text);
  if ("value" in parsed) return parsed.value;
  throw notTheProtocol(operation, answer, parsed.mistake);
}

/** The value as the result that the operation has. */
export function asResult(operation: Operation, answer: WireAnswer, value: unknown): unknown {
  switch (operation.result) {
    case "nothing":
      return undefined;
    case "list":
      // An empty list may be null or absent.
      if (value === null || value === undefined) return [];
      if (Array.isArray(value)) return checkResult(operation, value);
      break;
    case "string":
      if (typeof value === "string" && value !== "") return checkResult(operation, value);
      break;
    case "object":
      if (isObject(value)) return checkResult(operation, value);
      break;
    default:
      operation.result satisfies never;
  }
  throw notTheProtocol(operation, answer, `is not the ${operation.result} that the operation returns`);
}

/**
 * The error for an answer that no vCenter gives. Shows status, type and the beginning without secrets; of an answer that is
 * a secret, or carries one that is not known yet, its kind and length only.
 */
export function notTheProtocol(operation: Operation, answer: WireAnswer, what: string): ProtocolError {
  const { status, contentType, text } = answer;
  const isSecret = operation.access === "login" || operation.id.startsWith("downloadSession.file.");
  const type = isSecret ? (/\b(?:json|html|xml|plain)\b/i.exec(contentType)?.[0] ?? "other") : contentType;
  const shown = isSecret ? `It has ${text.length} characters.` : excerpt(text);
  return new ProtocolError(
    `${operation.id}: the server's answer (status ${status}, ${type || "no content type"}) ${what}. Is the address that of a vCenter? ${shown}`,
  );
}

function excerpt(text: string): string {
  // Redacted before it is cut: a secret that is cut in half would not be found.
  const start = redact(text.slice(0, 65_536)).replace(/\s+/g, " ").trim().slice(0, 200);
  return start === "" ? "It is empty." : `It begins: ${start}`;
}
