import type { WireStyle } from "@carrel/core";

import type { Operation } from "@carrel/core/operations";
import type { Simulator } from "../../src/index.ts";
import { send } from "@carrel/test-kit";
import { at, basic } from "./addresses.ts";
import type { Got } from "@carrel/test-kit";
import { table } from "./table.ts";

/** A minimal client of one style, written from the operation table and nothing else. */
export interface Connection {
  readonly style: WireStyle;
  readonly sessionId: string;
  /** The answer as it came. */
  raw(operation: string, input?: Input, headers?: Readonly<Record<string, string>>): Promise<Got>;
  /** The result; throws for refusals. */
  call<T>(operation: string, input?: Input): Promise<T>;
}

export type Input = Readonly<Record<string, unknown>>;

/** Logs in. */
export async function connect(
  simulator: Simulator,
  style: WireStyle = "api",
  known: Readonly<Record<string, Operation>> = table,
): Promise<Connection> {
  const raw = (id: string, input: Input, headers: Readonly<Record<string, string>>): Promise<Got> => {
    const operation = known[id];
    if (!operation) throw new Error(`no operation ${id}`);
    const { method, target, body } = encode(operation, style, input);
    const ca = simulator.certificate?.pem;
    return send(at(simulator, target), { method, headers, ...(body === undefined ? {} : { body }) }, ca);
  };
  const login = await raw("session.create", {}, { ...basic(simulator), "vmware-use-header-authn": "true" });
  if (login.status > 299) throw new Error(`login: ${login.status} ${login.text}`);
  const sessionId = resultOf(style, login) as string;
  const auth = { "vmware-api-session-id": sessionId };
  return {
    style,
    sessionId,
    raw: (operation, input = {}, headers = {}) => raw(operation, input, { ...auth, ...headers }),
    async call<T>(operation: string, input: Input = {}): Promise<T> {
      const got = await raw(operation, input, auth);
      if (got.status > 299) throw new Error(`${operation}: ${got.status} ${got.text}`);
      return resultOf(style, got) as T;
    },
  };
}

function resultOf(style: WireStyle, got: Got): unknown {
  if (got.text === "") return undefined;
  return style === "rest" ? (got.json as { value: unknown }).value : got.json;
}

export function encode(
  operation: Operation,
  style: WireStyle,
  input: Input,
): { method: string; target: string; body: string | undefined } {
  const route = operation[style];
  const used = new Set<string>();
  const take = (name: string): string => {
    used.add(name);
    return encodeURIComponent(String(input[name]));
  };
  const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) => take(name));
  const query = route.query.filter((name) => input[name] !== undefined).map((name) => `${name}=${take(name)}`);
  if (route.action) query.unshift(`${style === "rest" ? "~action" : "action"}=${route.action}`);
  const members = Object.fromEntries(Object.entries(input).filter(([name]) => !used.has(name)));
  const body =
    route.body === "none"
      ? undefined
      : JSON.stringify(route.body === "members" ? members : { [route.body.wrapper]: members });
  return {
    method: route.method,
    target: `/${style}${path}${query.length > 0 ? `?${query.join("&")}` : ""}`,
    body,
  };
}
