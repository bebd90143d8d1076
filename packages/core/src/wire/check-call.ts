import type { Operation } from "./operation.ts";

/** Refuses a call before anything is sent, where an argument cannot be what the operation needs. */
export function checkCall(operation: Operation, args: readonly unknown[], input: unknown): void {
  operation.arguments.forEach((name, index) => {
    const value = args[index];
    if (typeof value !== "string")
      throw new TypeError(`${operation.id}: ${name} must be a string, not ${kindOf(value)}`);
    if (value === "") throw new TypeError(`${operation.id}: ${name} must not be empty`);
    if (!value.isWellFormed()) throw new TypeError(`${operation.id}: ${name} holds half of a surrogate pair`);
  });
  if (input !== undefined && (typeof input !== "object" || input === null || Array.isArray(input))) {
    throw new TypeError(`${operation.id}: the argument after the identifiers must be an object, not ${kindOf(input)}`);
  }
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "an array" : typeof value;
}
