import { describe, expect, test } from "vitest";
import { audit } from "../src/audit.ts";
import { readOurs } from "../src/our-documents.ts";
import { OPENAPI, SWAGGER, auditOf, lines } from "./support/fixtures.ts";

describe("a file that says the same", () => {
  test("Swagger 2.0 with both styles", async () => {
    const result = await auditOf(SWAGGER);
    expect(lines(result)).toEqual([]);
    expect(result).toMatchObject({ styles: ["rest", "api"], compared: 8, outOfScope: 1 });
    expect(result.elsewhere.map(({ label }) => label)).toEqual(["door.get"]);
  });

  test("OpenAPI 3.0 with camelCase path parameters, described enums and several errors for a status", async () => {
    const result = await auditOf(OPENAPI);
    expect(lines(result)).toEqual([]);
    expect(result).toMatchObject({ styles: ["api"], compared: 4, outOfScope: 0 });
  });

  test("the project's own specification, held against itself", async () => {
    const ours = await readOurs(new URL("../../../packages/core/spec/", import.meta.url));
    const [modern, legacy] = [audit(ours, ours.api), audit(ours, ours.rest)];
    expect([...lines(modern), ...lines(legacy)]).toEqual([]);
    expect(modern.compared).toBe(ours.api.operations.length);
    expect(legacy.compared).toBe(ours.rest.operations.length);
  });
});

describe("differences of an operation", () => {
  const cases: readonly (readonly [string, string, string, string, readonly string[]])[] = [
    [
      "another method",
      OPENAPI,
      `"/room/seat": {\n      "post"`,
      `"/room/seat": {\n      "put"`,
      ["api seat.create: extra operation; POST /room/seat"],
    ],
    [
      "another path",
      SWAGGER,
      "/rest/com/vmware/room/seat/lamp:",
      "/rest/com/vmware/room/lamp:",
      ["rest seat.lamp.list: extra operation; GET /com/vmware/room/seat/lamp"],
    ],
    [
      "another action",
      SWAGGER,
      "/api/room/seat/{seat_id}?action=keep",
      "/api/room/seat/{seat_id}?action=hold",
      ["api seat.keep: extra operation; POST /room/seat/{seat_id}"],
    ],
    [
      "another name of a path parameter",
      OPENAPI,
      `"/room/seat/{seatId}/lamp": {`,
      `"/room/seat/{chair}/lamp": {`,
      ["api seat.lamp.list: differs path parameter 1; the vendor says chair, we say seat_id"],
    ],
    [
      "a query parameter that we lack",
      SWAGGER,
      "{ type: string, required: true, in: query, name: seat_id }",
      "{ type: string, required: true, in: query, name: seat_id }, { in: query, name: floor, type: string }",
      ["rest seat.lamp.list: lack query floor"],
    ],
    [
      "a header of another name",
      SWAGGER,
      "in: header, name: client-token",
      "in: header, name: token",
      ["api seat.create: lack header token", "api seat.create: extra header client-token"],
    ],
    [
      "a parameter that is optional",
      SWAGGER,
      "{ type: string, required: true, in: query, name: seat_id }",
      "{ type: string, required: false, in: query, name: seat_id }",
      ["rest seat.lamp.list: differs query seat_id required; the vendor says optional, we say required"],
    ],
    [
      "a parameter of another type",
      SWAGGER,
      "{ type: string, required: true, in: query, name: seat_id }",
      "{ type: integer, required: true, in: query, name: seat_id }",
      ["rest seat.lamp.list: differs query seat_id type; the vendor says integer, we say string"],
    ],
    [
      "a body that is required",
      SWAGGER,
      `{ in: body, name: request_body, schema: { $ref: "#/definitions/room.seat_keep" } }`,
      `{ in: body, name: request_body, required: true, schema: { $ref: "#/definitions/room.seat_keep" } }`,
      ["rest seat.keep: differs body required; the vendor says required, we say optional"],
    ],
    [
      "no body",
      SWAGGER,
      `        - { in: body, name: request_body, schema: { $ref: "#/definitions/room.seat_keep" } }\n`,
      "",
      ["rest seat.keep: extra body"],
    ],
    [
      "another success status",
      SWAGGER,
      `"204": { description: "" }\n        "400"`,
      `"200": { description: "" }\n        "400"`,
      ["api seat.keep: lack status 200", "api seat.keep: extra status 204"],
    ],
    [
      "a result where we have none",
      SWAGGER,
      `"204": { description: "" }\n        "400"`,
      `"204": { description: "", schema: { type: string } }\n        "400"`,
      ["api seat.keep: lack result 204"],
    ],
    [
      "another error for a status",
      SWAGGER,
      `"404": { description: "", schema: { $ref: "#/definitions/VapiStdErrorsNotFound" } }`,
      `"404": { description: "", schema: { $ref: "#/definitions/VapiStdErrorsInvalidArgument" } }`,
      ["api seat.lamp.list: lack error INVALID_ARGUMENT (status 404)"],
    ],
    [
      "an error that only the text names",
      OPENAPI,
      "***Vapi.Std.Errors.NotAllowedInCurrentState***",
      "***Vapi.Std.Errors.ResourceBusy***",
      ["api seat.create: lack error RESOURCE_BUSY (status 400)"],
    ],
  ];
  test.each(cases)("%s", async (_, name, from, to, expected) => {
    expect(lines(await auditOf(name, [from, to]))).toEqual(expected);
  });
});

describe("differences of a model", () => {
  const model = "required: [name]\n    properties:\n      name: { type: string }\n      state";
  const cases: readonly (readonly [string, string, string, string, readonly string[]])[] = [
    [
      "a member that we lack",
      SWAGGER,
      `taken_since: { type: string, format: date-time }`,
      `taken_since: { type: string, format: date-time }\n      row: { type: integer }`,
      ["api SeatModel: lack member row"],
    ],
    [
      "a member that we have too much",
      SWAGGER,
      `      taken_since: { type: string, format: date-time }\n`,
      "",
      ["api SeatModel: extra member taken_since"],
    ],
    [
      "a member that is optional",
      SWAGGER,
      model,
      model.replace("[name]", "[]"),
      ["api SeatModel: differs member name required; the vendor says optional, we say required"],
    ],
    [
      "another type",
      SWAGGER,
      "lamp: { type: boolean }",
      "lamp: { type: string }",
      ["api SeatModel: differs member lamp type; the vendor says string, we say boolean"],
    ],
    [
      "another format",
      SWAGGER,
      "format: date-time",
      "format: date",
      ["api SeatModel: differs member taken_since format; the vendor says date, we say date-time"],
    ],
    [
      "other values",
      SWAGGER,
      "enum: [FREE, TAKEN]",
      "enum: [FREE, KEPT]",
      ["api SeatState: lack value KEPT", "api SeatState: extra value TAKEN"],
    ],
    [
      "values that another schema declares",
      OPENAPI,
      `"enum": ["FREE", "TAKEN"]`,
      `"enum": ["FREE", "TAKEN", "BROKEN"]`,
      ["api SeatState: lack value BROKEN"],
    ],
    [
      "values that only the text names",
      OPENAPI,
      "  - `TAKEN`: Somebody.\\n\\n\\nFor more information see: *Room.SeatModel.State*.",
      "  - `GONE`: Nobody.",
      ["api SeatState: lack value GONE", "api SeatState: extra value TAKEN"],
    ],
    [
      "an array where we have a map",
      SWAGGER,
      "labels: { type: object, additionalProperties:",
      "labels: { type: array, items:",
      ["api SeatModel: differs member labels type; the vendor says array, we say map"],
    ],
    [
      "another element of a legacy map",
      SWAGGER,
      `value: { $ref: "#/definitions/room.label" } } }`,
      `value: { type: string } } }`,
      ["rest SeatModel: differs member labels value type; the vendor says string, we say object (Label)"],
    ],
    [
      "another version that added a member",
      OPENAPI,
      "was added in __vSphere API 8.0.0.0__",
      "was added in __vSphere API 8.0.3.0__",
      ["api SeatModel: differs member lamp since; the vendor says 8.0.3.0, we say 8.0.0.0"],
    ],
    [
      "a wrapper of another name",
      SWAGGER,
      "create_spec: { $ref",
      "spec: { $ref",
      ["rest seat.create body: lack member spec", "rest seat.create body: extra member create_spec"],
    ],
  ];
  test.each(cases)("%s", async (_, name, from, to, expected) => {
    expect(lines(await auditOf(name, [from, to]))).toEqual(expected);
  });

  test("a reference that points to nothing stops the audit with its name", async () => {
    const broken = auditOf(SWAGGER, ["RoomSeatCreate: { $ref", "RoomSeatOther: { $ref"]);
    await expect(broken).rejects.toThrow("The reference #/definitions/RoomSeatCreate points to nothing");
  });
});

describe("what came later than the file", () => {
  const withoutLamp = ["      lamp: { type: boolean }\n", ""] as const;

  test("is expected where the file is older", async () => {
    const older = await auditOf(SWAGGER, ["version: 2.0.0", "version: 7.0.2"], withoutLamp);
    expect(lines(older)).toEqual([]);
    expect([...older.log.newer]).toEqual(["SeatModel: member lamp (8.0.0.0)"]);
  });

  test("is a difference where the file is as late", async () => {
    expect(lines(await auditOf(SWAGGER, withoutLamp))).toEqual(["api SeatModel: extra member lamp"]);
  });
});
