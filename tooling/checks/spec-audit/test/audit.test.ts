import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { audit } from "../src/audit.ts";
import { readOurs } from "../src/our-documents.ts";
import type { RawDocument } from "../src/raw-document.ts";
import { readDocument } from "../src/read-document.ts";
import { OPENAPI, SWAGGER, auditOf, fixtures, lines, reportOf } from "./support/fixtures.ts";

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
    const ours = await readOurs(new URL("../../../../packages/core/spec/", import.meta.url));
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
});

describe("references", () => {
  const create = `schema: { $ref: "#/definitions/RoomSeatCreate" }`;
  const at = "#/paths/~1api~1room~1seat/post/parameters/0/schema";
  test.each([
    ["points to nothing", "#/definitions/Missing"],
    ["points to nothing", "#/definitions/constructor"],
    ["points to nothing", "#/definitions/%zz"],
    ["points to nothing", "#no-pointer"],
    ["points to nothing", "#/swagger"],
    ["points into another file", "other.yaml#/definitions/RoomSeatCreate"],
    ["points into another file", "https://example.com/x.json"],
  ])("one that %s is a finding with its place, and the audit continues: %s", async (why, ref) => {
    const result = await auditOf(SWAGGER, [create, create.replace("#/definitions/RoomSeatCreate", ref)]);
    expect(lines(result)).toEqual([`api seat.create: broken body; ${ref} at ${at} ${why}`]);
    expect(result.compared).toBe(8);
    expect(reportOf(result)).toContain(`broken    body: ${ref} at ${at}`);
  });

  test("a member of a model, an element and a value", async () => {
    const result = await auditOf(
      SWAGGER,
      [
        `{ type: array, items: { $ref: "#/definitions/RoomSeatModel" } }`,
        `{ type: array, items: { $ref: "#/definitions/No" } }`,
      ],
      ["lamp: { type: boolean }", `lamp: { $ref: "#/definitions/None" }`],
    );
    expect(lines(result)).toEqual([
      "api SeatModel: broken member lamp; #/definitions/None at #/definitions/RoomSeatModel/properties/lamp points to nothing",
      "api seat.lamp.list: broken result 200 element; #/definitions/No at #/paths/~1api~1room~1seat~1{seat_id}~1lamp/get/responses/200/schema/items points to nothing",
    ]);
  });

  test("circles of references end", async () => {
    const circle = await auditOf(
      SWAGGER,
      ["RoomSeatCreate: {", `RoomSeatCreate: { $ref: "#/definitions/RoomSeatCreate", x: {`],
      [
        'RoomSeatCreate: { $ref: "#/definitions/RoomSeatCreate", x: {',
        `One: { $ref: "#/definitions/Two" }\n  Two: { $ref: "#/definitions/One" }\n  RoomSeatCreate: {`,
      ],
      [create, create.replace("RoomSeatCreate", "One")],
    );
    expect(lines(circle)).toEqual([expect.stringMatching(/^api seat\.create: broken body; .* points back to itself$/)]);
  });

  test("pointers with escapes, percent-encoding and indices, into a document of either kind", async () => {
    for (const [name, ref] of [
      ["a/b~c d", "#/definitions/a~1b~0c%20d"],
      ["RoomSeatCreate", "#/x-list/1"],
    ] as const) {
      const moved = `x-list: [{}, { $ref: "#/definitions/RoomSeatCreate" }]\ndefinitions:\n  "a/b~c d": { $ref: "#/definitions/RoomSeatCreate" }`;
      const result = await auditOf(
        SWAGGER,
        ["definitions:", moved],
        [create, create.replace("#/definitions/RoomSeatCreate", ref)],
      );
      expect([name, lines(result)]).toEqual([name, []]);
    }
  });

  test("of Swagger 2.0: parameters, bodies, responses and whole paths", async () => {
    const result = await auditOf(
      SWAGGER,
      [`{ in: body, name: request_body, required: true, ${create} }`, `{ $ref: "#/parameters/body" }`],
      ["{ in: header, name: client-token, required: false, type: string }", `{ $ref: "#/parameters/twice" }`],
      [`"201": { description: "", schema: { type: string } }`, `"201": { $ref: "#/responses/made" }`],
      [
        "paths:\n",
        `parameters:
  body: { in: body, name: request_body, required: true, ${create} }
  twice: { $ref: "#/parameters/token" }
  token: { in: header, name: client-token, required: false, type: string }
responses:
  made: { description: "", schema: { type: string } }
x-paths:
  keep:
    post:
      parameters:
        - { type: string, required: true, in: path, name: seat_id }
        - { in: body, name: request_body, schema: { $ref: "#/definitions/RoomSeatKeep" } }
      responses:
        "204": { description: "" }
        "400": { description: "", schema: { $ref: "#/definitions/VapiStdErrorsNotAllowedInCurrentState" } }
        "404": { description: "", schema: { $ref: "#/definitions/VapiStdErrorsNotFound" } }
paths:
`,
      ],
      [
        "/api/room/seat/{seat_id}?action=keep:\n    post:",
        `/api/room/seat/{seat_id}?action=keep:\n    $ref: "#/x-paths/keep"\n    trace:`,
      ],
    );
    expect(lines(result)).toEqual([]);
    expect(result.compared).toBe(8);
  });

  test("of OpenAPI 3: bodies, parameters and responses", async () => {
    const document = parse(await readFile(new URL(OPENAPI, fixtures), "utf8")) as {
      paths: Record<
        string,
        { post: { requestBody: unknown; parameters: unknown[]; responses: Record<string, unknown> } }
      >;
      components: Record<string, Record<string, unknown>>;
    };
    const { post } = document.paths["/room/seat"] ?? {};
    if (!post) throw new Error("the fixture has no /room/seat");
    const { components } = document;
    Object.assign(components, {
      requestBodies: { Create: post.requestBody },
      parameters: { Token: post.parameters[0] },
      responses: { ...components["responses"], Made: post.responses["201"] },
    });
    post.requestBody = { $ref: "#/components/requestBodies/Create" };
    post.parameters[0] = { $ref: "#/components/parameters/Token" };
    post.responses["201"] = { $ref: "#/components/responses/Made" };
    const ours = await readOurs(new URL("spec/", fixtures));
    const check = (): readonly string[] => lines(audit(ours, readDocument(document as RawDocument, OPENAPI)));
    expect(check()).toEqual([]);

    post.requestBody = { $ref: "#/components/requestBodies/No" };
    post.parameters[0] = { $ref: "#/components/parameters/No" };
    post.responses["201"] = { $ref: "#/components/responses/No" };
    document.paths["/room/none"] = { $ref: "#/components/pathItems/No" } as never;
    const place = "at #/paths/~1room~1seat/post";
    expect(check()).toEqual([
      `api seat.create: broken parameter; #/components/parameters/No ${place}/parameters/0 points to nothing`,
      `api seat.create: broken body; #/components/requestBodies/No ${place}/requestBody points to nothing`,
      `api seat.create: broken status 201; #/components/responses/No ${place}/responses/201 points to nothing`,
      "api /api/room/none: broken path; #/components/pathItems/No at #/paths/~1room~1none points to nothing",
    ]);
  });

  test("what is empty or of another kind stops nothing", async () => {
    const result = await auditOf(
      SWAGGER,
      ["lamp: { type: boolean }", "lamp:"],
      ["definitions:", "  /api/room/none:\n  /api/room/odd: { get: , parameters: 7 }\ndefinitions:"],
    );
    expect(lines(result)).toEqual(["api SeatModel: differs member lamp type; the vendor says any, we say boolean"]);
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
