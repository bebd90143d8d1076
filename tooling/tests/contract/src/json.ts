import type { WireStyle } from "@carrel/core";

/** A JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** Whether a value is an object with members. */
export function isMembers(value: Json | undefined): value is { readonly [name: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Returns the value with each string replaced. */
export function mapStrings(
  value: Json,
  change: (text: string, name: string | undefined) => string,
  name?: string,
): Json {
  if (typeof value === "string") return change(value, name);
  if (Array.isArray(value)) return (value as readonly Json[]).map((each) => mapStrings(each, change, name));
  if (!isMembers(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, mapStrings(member, change, key)]));
}

/** The error type of an error body, or undefined where the body has not exactly the vendor's shape in that style. */
export function refusalOf(body: Json, style: WireStyle): string | undefined {
  const inner = style === "rest" ? (isMembers(body) ? body["value"] : undefined) : body;
  if (!isMembers(body) || !isMembers(inner) || !hasExactly(inner, ["error_type", "messages"])) return undefined;
  const { error_type: type, messages } = inner;
  if (typeof type !== "string" || !isListOfMessages(messages)) return undefined;
  if (style === "api") return type;
  const isPaired = body["type"] === `com.vmware.vapi.std.errors.${type.toLowerCase()}`;
  return isPaired && hasExactly(body, ["type", "value"]) ? type : undefined;
}

/** Whether a value is a message of the vendor's shape. */
export function isMessage(value: Json | undefined): boolean {
  if (!isMembers(value)) return false;
  const { id, default_message: text, args } = value;
  return typeof id === "string" && typeof text === "string" && Array.isArray(args);
}

function isListOfMessages(value: Json | undefined): boolean {
  return Array.isArray(value) && value.length > 0 && (value as readonly Json[]).every(isMessage);
}

function hasExactly(value: { readonly [name: string]: Json }, names: readonly string[]): boolean {
  return Object.keys(value).toSorted().join() === names.toSorted().join();
}
