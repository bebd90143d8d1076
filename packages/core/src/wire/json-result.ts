import { ProtocolError } from "../errors/call-errors.ts";
import { isObject } from "../kit/objects.ts";
import { redact } from "../redact.ts";
import { checkResult } from "./check-result.ts";
import type { WireAnswer } from "./codec.ts";
import { readJson } from "./json.ts";
import type { Operation } from "./operation.ts";

/** Parses the text of an answer as JSON. An empty text is undefined. */
export function parseAnswer(operation: Operation, answer: WireAnswer): unknown {
  if (answer.text.trim() === "") return undefined;
  const parsed = readJson(answer.text);
  if ("value" in parsed) return parsed.value;
  throw notTheProtocol(operation, answer, parsed.mistake);
}

/** Checks the value and returns it as the result of the operation. */
export function asResult(operation: Operation, answer: WireAnswer, value: unknown): unknown {
  switch (operation.result) {
    case "nothing":
      return undefined;
    case "list":
      // Servers may write an empty list as null, or leave it out.
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
  throw notTheProtocol(
    operation,
    answer,
    operation.result === "string"
      ? "is not a string"
      : `is not ${operation.result === "object" ? "an object" : "a list"}`,
  );
}

/**
 * Makes the error for an answer that no vCenter gives. It shows status, content type and the beginning, without
 * secrets. Of an answer that may be or contain a secret that is not yet known, it shows only the kind and the length.
 */
export function notTheProtocol(operation: Operation, answer: WireAnswer, what: string): ProtocolError {
  const { status, contentType, text } = answer;
  const isSecret = operation.access === "login" || operation.id.startsWith("downloadSession.file.");
  const type = isSecret
    ? (/\b(?:json|html|xml|plain)\b/iu.exec(contentType)?.[0] ?? "other")
    : mediaTypeOf(contentType);
  const shown = isSecret ? `${text.length} characters` : excerpt(text);
  return new ProtocolError(
    `${operation.id}: the server's answer (status ${status}, ${type || "no content type"}) ${what}: ${shown}`,
  );
}

/**
 * The media type of a content type, without its parameters. A header that is none is not shown: it may repeat a secret, and
 * characters beyond ASCII arrive changed, so that the secret would not be found in it.
 */
function mediaTypeOf(contentType: string): string {
  if (contentType === "") return "";
  return /^\s*(?<type>[a-z]+\/[\w.+-]+)\s*(?:;|$)/iu.exec(contentType)?.groups?.["type"] ?? "another content type";
}

function excerpt(text: string): string {
  // Redacted before it is shortened, because a secret that is cut in half would not be found.
  const start = redact(text.slice(0, 65_536)).replace(/\s+/gu, " ").trim().slice(0, 200);
  return start === "" ? "empty" : `begins with ${start}`;
}
