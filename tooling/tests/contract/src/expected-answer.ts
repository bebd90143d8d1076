import type { ErrorType, WireStyle } from "@carrel/core";
import type { ExpectedResult, Exchange } from "./exchange.ts";
import type { Json } from "./json.ts";
import type { SeenAnswer } from "./seen-answer.ts";

const created: Readonly<Record<WireStyle, number>> = { rest: 200, api: 201 };
const done: Readonly<Record<WireStyle, number>> = { rest: 200, api: 204 };

const statusOfError: Partial<Record<ErrorType, number>> = {
  NOT_FOUND: 404,
  OPERATION_NOT_FOUND: 404,
  UNAUTHENTICATED: 401,
};

const json = { "content-type": "application/json" };

/** The expected answer in one style, with names in place of values. */
export function expectedAnswer({ answer }: Exchange, style: WireStyle): SeenAnswer {
  const own: ExpectedResult = "kind" in answer ? answer : answer[style];
  switch (own.kind) {
    case "read":
      return { status: 200, headers: json, body: inStyle(own.result, style) };
    case "created":
      return { status: created[style], headers: { ...json, ...own.headers }, body: inStyle(own.result, style) };
    case "done":
      return { status: done[style], headers: {} };
    case "refused":
      return { status: statusOfError[own.errorType] ?? 400, headers: json, refusal: own.errorType };
    case "transfer":
      break;
  }
  return { status: own.status, headers: own.headers, ...(own.bytes === "" ? {} : { bytes: own.bytes }) };
}

function inStyle(result: Json, style: WireStyle): Json {
  return style === "rest" ? { value: result } : result;
}
