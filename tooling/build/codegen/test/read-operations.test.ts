import { expect, test } from "vitest";
import { readOperations } from "../src/read-operations.ts";
import type { Change } from "./support/fixture-spec.ts";
import { fixtureSpec } from "./support/fixture-spec.ts";

async function read(...changes: readonly Change[]): Promise<ReturnType<typeof readOperations>> {
  return readOperations(await fixtureSpec("api", ...changes), await fixtureSpec("rest", ...changes));
}

test("joins both styles of an operation", async () => {
  const operations = await read();
  expect(operations.map(({ id }) => id)).toEqual(["seat.create", "seat.list", "seat.keep", "seat.lamp.list"]);
  expect(operations[0]).toMatchObject({
    privilege: "Room.Create",
    access: "session",
    arguments: [],
    api: {
      method: "POST",
      path: "/room/seat",
      clientToken: "header",
      body: { model: "SeatModel", required: true, members: ["name"] },
      status: 201,
      result: { kind: "string" },
      errors: { 400: ["INVALID_ARGUMENT"] },
    },
    rest: {
      path: "/com/vmware/room/seat",
      clientToken: "body",
      body: { model: "SeatModel", wrapper: "create_spec" },
      status: 200,
    },
  });
  expect(operations[2]).toMatchObject({
    arguments: [{ name: "seat_id" }],
    api: { path: "/room/seat/{seat_id}", action: "keep", query: [], result: { kind: "nothing" } },
    rest: { path: "/com/vmware/room/seat/id:{seat_id}", action: "keep", query: [] },
  });
  expect(operations[3]).toMatchObject({
    api: { pathParameters: ["seat_id"], query: [], result: { kind: "list", model: "SeatModel" } },
    rest: { pathParameters: [], query: [{ name: "seat_id" }] },
  });
});

test.each<[string, Change, string]>([
  [
    "is in one file only",
    ["api", "operationId: seat.list", "operationId: seat.all"],
    "seat.list stands in rest.yaml only",
  ],
  ["is in the other file only", ["rest", "operationId: seat.lamp.list", "operationId: seat.list"], "stands twice"],
  [
    "has two texts",
    ["rest", "List the seats.", "All seats."],
    "seat.list: summary differs between api.yaml and rest.yaml",
  ],
  ["has two descriptions", ["api", "All of one floor.", "All."], "seat.list: description differs"],
  ["has two ways to be repeated", ["rest", "idempotent", "safe"], "seat.keep: x-carrel-idempotency differs"],
  ["has two privileges", ["api", "Room.Create", "Room.Own"], "seat.create: x-carrel-privilege differs"],
  [
    "has two results",
    ["rest", "value: { type: string }", "value: { type: array, items: { type: string } }"],
    "seat.create: the results differ",
  ],
  [
    "has two bodies",
    [
      "rest",
      `create_spec: { $ref: "models.yaml#/components/schemas/SeatModel" }`,
      `create_spec: { $ref: "models.yaml#/components/schemas/SeatKeepSpec" }`,
    ],
    "seat.create: the request bodies differ",
  ],
  [
    "has a body that one style requires",
    ["api", "required: false\n        content", "required: true\n        content"],
    "seat.keep: the request bodies differ",
  ],
  [
    "loses an argument in one style",
    ["rest", "name: seat_id, in: query", "name: chair_id, in: query"],
    "seat.lamp.list: seat_id has a place in one style only",
  ],
  [
    "does not declare a path parameter",
    ["api", "{ name: seat_id, in: path", "{ name: chair, in: path"],
    "api: seat.keep: path parameters declared: chair, in the path: seat_id",
  ],
  [
    "has an error without types",
    ["rest", "x-carrel-errors: [INVALID_ARGUMENT]", "x-other: 1"],
    "seat.create: the response 400 names no x-carrel-errors",
  ],
  [
    "has no success",
    ["api", `"204": { description: Done. }`, `"504": { description: Done., x-carrel-errors: [TIMED_OUT] }`],
    "api: seat.keep: no success response",
  ],
  [
    "has a body that is no model",
    ["api", `schema: { $ref: "models.yaml#/components/schemas/SeatKeepSpec" }`, "schema: { type: string }"],
    "seat.keep: the request body is neither a model nor one wrapped model",
  ],
  [
    "has a body that is not JSON",
    ["api", `application/json: { schema: { $ref: "models.yaml#/components/schemas/SeatKeepSpec" } }`, "text/plain: {}"],
    "seat.keep: the request body has no application/json schema",
  ],
  [
    "has a result of an unknown kind",
    ["api", "schema: { type: array, items: { type: string } }", "schema: { type: boolean }"],
    "api: seat.list: unexpected result",
  ],
])("refuses an operation that %s", async (_, change, message) => {
  await expect(read(change)).rejects.toThrow(message);
});

test("an operation that only the modern file has is refused too", async () => {
  const [api, rest] = [await fixtureSpec("api"), await fixtureSpec("rest")];
  const { "/com/vmware/room/seat/lamp": _, ...paths } = rest.paths;
  expect(() => readOperations(api, { ...rest, paths })).toThrow("seat.lamp.list stands in api.yaml only");
});
