import type { CallInput } from "./codec.ts";
import type { Operation, Route } from "./operation.ts";

/** Returns path and query of a request, escaped, so that no argument can change the path or add a parameter. */
export function buildTarget(
  operation: Operation,
  route: Route,
  base: string,
  actionName: string,
  call: CallInput,
): string {
  const named = new Map(operation.arguments.map((name, index) => [name, call.args[index] ?? ""]));
  const path = route.path.replace(/(id:)?\{(\w+)\}/gu, (_, prefix: string | undefined, name: string) => {
    const value = named.get(name) ?? "";
    if (!prefix && /^\.{1,2}$/u.test(value))
      throw new TypeError(`${operation.id}: ${name} must not be "." or "..": got "${value}"`);
    return (prefix ?? "") + escapeSegment(value);
  });
  const query = route.query.flatMap((name) => {
    const value = named.get(name) ?? readMember(call.input, name);
    return value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`];
  });
  if (route.action !== undefined) query.unshift(`${actionName}=${encodeURIComponent(route.action)}`);
  return `${base}${path}${query.length > 0 ? `?${query.join("&")}` : ""}`;
}

/** Returns the members of the input that are not sent in the query. */
export function bodyMembers(route: Route, input: object | undefined): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(input ?? {}).filter(([name, value]) => value !== undefined && !route.query.includes(name)),
  );
}

// Session ids contain a colon. Servers accept it unescaped; whether they accept it escaped is unconfirmed.
function escapeSegment(value: string): string {
  return encodeURIComponent(value).replaceAll("%3A", ":");
}

function readMember(input: object | undefined, name: string): string | number | boolean | undefined {
  const value = (input as Readonly<Record<string, string | number | boolean | null>> | undefined)?.[name];
  return value ?? undefined;
}
