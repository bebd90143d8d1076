import { describe, expect, test } from "vitest";
import type { CarrelClient } from "../../src/index.ts";
import { ProtocolError, ServerError } from "../../src/index.ts";
import { answerModels } from "../../src/gen/answers.gen.ts";
import { operationFacts } from "../../src/gen/facts.gen.ts";
import { operations } from "../../src/gen/operations.gen.ts";
import type { OperationId } from "../../src/gen/operations.gen.ts";
import type { WireStyle } from "../../src/wire/codec.ts";
import type { Operation } from "../../src/wire/operation.ts";
import type { Scripted } from "../support/scripted-server.ts";
import { startScriptedServer } from "../support/scripted-server.ts";
import { bothStyles, testClient, withLogin } from "../support/test-client.ts";

type Method = (...args: unknown[]) => Promise<unknown>;
const shown = Object.values(operations).filter(
  (operation) => operation.access === "session" && !operation.id.startsWith("session."),
);
const cases = bothStyles.flatMap((style) => shown.map((operation) => ({ style, operation, id: operation.id })));

/** What an operation returns, with the members that must be there. */
function resultOf({ result, model }: Operation): unknown {
  if (result === "nothing") return undefined;
  const needed = Object.entries(answerModels[model ?? ""] ?? {}).filter(([, kind]) => kind.endsWith("!"));
  const one = model === undefined ? "id-1" : Object.fromEntries(needed.map(([name]) => [name, `a ${name}`]));
  return result === "list" ? [one] : one;
}

/** Calls an operation through the generated face, as a user does. */
function callFace(client: CarrelClient, operation: Operation): Promise<unknown> {
  let service: unknown = client;
  const names = operation.id.split(".");
  for (const name of names.slice(0, -1)) service = (service as Record<string, unknown>)[name];
  const method = (service as Record<string, Method>)[names.at(-1) ?? ""];
  if (!method) throw new Error(`${operation.id} is not on the face`);
  const options = { attemptTimeoutMs: 5_000 };
  const args = operation.arguments.map(() => "id:1");
  return takesInput(operation) ? method(...args, input, options) : method(...args, options);
}

const input = {
  name: "n",
  file_name: "f",
  library_id: "l",
  library_item_id: "i",
  client_error_message: "m",
  force_sync_content: true,
};

function takesInput(operation: Operation): boolean {
  return operation.api.body !== "none" || operation.rest.body !== "none" || operation.api.query.length > 0;
}

function success(style: WireStyle, operation: Operation): Scripted {
  const { status } = operation[style];
  const value = resultOf(operation);
  if (value === undefined) return { status };
  return {
    status,
    body: JSON.stringify(style === "api" ? value : { value }),
    headers: { "content-type": "application/json" },
  };
}

describe("every operation", () => {
  test.each(cases)(
    "$style $id sends what the specification says and returns the result",
    async ({ style, operation }) => {
      await using server = await startScriptedServer(withLogin(() => success(style, operation)));
      await using client = testClient(server.origin, { wire: style });
      expect(await callFace(client, operation)).toEqual(resultOf(operation));
      const sent = server.received.at(-1);
      expect(sent?.method).toBe(operation[style].method);
      expect(sent?.headers["vmware-api-session-id"]).toBe("token-1");
      expect(sent?.target.startsWith(`/${style}/`)).toBe(true);
    },
  );

  test.each(cases)(
    "$style $id turns each declared error into a ServerError of its type",
    async ({ style, operation }) => {
      const declared = Object.entries(operationFacts[operation.id as OperationId][style].errors).flatMap(
        ([status, types]) => types.map((type) => ({ status: Number(status), type })),
      );
      for (const { status, type } of declared) {
        const messages = [{ id: "m.1", default_message: `It is ${type}.`, args: ["a"] }];
        const legacy = {
          type: `com.vmware.vapi.std.errors.${type.toLowerCase()}`,
          value: { error_type: type, messages },
        };
        await using server = await startScriptedServer(
          withLogin(() => ({ status, body: style === "api" ? { error_type: type, messages } : legacy })),
        );
        await using client = testClient(server.origin, { wire: style, retry: { limit: 0 } });
        const error: unknown = await callFace(client, operation).catch((reason: unknown) => reason);
        expect(error).toBeInstanceOf(ServerError);
        expect(error).toMatchObject({ errorType: type, status, messages });
        expect(String(error)).toContain(`It is ${type}.`);
      }
    },
  );

  test.each(cases)("$style $id calls an odd answer what it is", async ({ style, operation }) => {
    const odd: Scripted[] = [
      { status: 200, body: "<html>Log in</html>", headers: { "content-type": "text/html" } },
      { status: 200, body: "" },
      { status: 200, body: { something: "else" } },
      { status: 400, body: "<html>Bad</html>", headers: { "content-type": "text/html" } },
      { status: 418, body: { something: "else" } },
    ];
    for (const scripted of odd) {
      await using server = await startScriptedServer(withLogin(() => scripted));
      await using client = testClient(server.origin, { wire: style });
      const outcome: unknown = await callFace(client, operation).catch((reason: unknown) => reason);
      const isSuccess = typeof scripted !== "function" && scripted.status < 300;
      // A call without a result has no result to check; a plain object may be a result; an empty list may be absent.
      const tolerated =
        isSuccess && (operation.result === "nothing" || (style === "api" && toleratesInModern(operation, scripted)));
      expect({ scripted, isProtocolError: outcome instanceof ProtocolError }).toEqual({
        scripted,
        isProtocolError: !tolerated,
      });
    }
  });
});

function toleratesInModern(operation: Operation, scripted: Scripted): boolean {
  if (typeof scripted === "function") return false;
  if (operation.result === "list") return scripted.body === "";
  // Nothing of it is a member that must be there.
  const isComplete = Object.keys(resultOf(operation) as object).length === 0;
  return operation.result === "object" && typeof scripted.body === "object" && isComplete;
}
