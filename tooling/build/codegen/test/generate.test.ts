import { beforeAll, describe, expect, test } from "vitest";
import { generate } from "../src/generate.ts";
import { generatedPackages } from "../src/generated-package.ts";
import type { GeneratedPackage } from "../src/generated-package.ts";
import { specFolder } from "./support/fixture-spec.ts";

const [core, simulator] = generatedPackages as readonly [GeneratedPackage, GeneratedPackage];
let files: ReadonlyMap<string, string>;
beforeAll(async () => {
  files = await generate(specFolder, core);
});

function file(name: string): string {
  return files.get(name) ?? "";
}

test("every file says that it is generated, and how to change it", () => {
  expect([...files.keys()]).toEqual([
    "models.gen.ts",
    "operations.gen.ts",
    "facts.gen.ts",
    "face.gen.ts",
    "answers.gen.ts",
  ]);
  for (const text of files.values())
    expect(text).toMatch(/^\/\/ Generated from .* Do not edit: edit the specification/);
});

test("only the client has a face", async () => {
  const others = await generate(specFolder, simulator);
  expect([...others.keys()]).toEqual(["models.gen.ts", "operations.gen.ts", "facts.gen.ts"]);
  expect(others.get("operations.gen.ts")).toContain(`import type { Operation } from "@carrel/core/operations";`);
  expect(others.get("operations.gen.ts")).toContain("export const updateOperations: ");
});

describe("the models", () => {
  test("keep the wire's names, are readonly, and stand under their own names", () => {
    expect(file("models.gen.ts")).toContain("readonly name: string;");
    expect(file("models.gen.ts")).toContain("readonly size?: number;");
    expect(file("models.gen.ts")).toContain(`SeatState: "FREE" | "TAKEN";`);
    expect(file("models.gen.ts")).toContain(`export type SeatModel = components['schemas']['SeatModel'];`);
  });
});

describe("the operation table", () => {
  test("has every operation in both styles", () => {
    expect(file("operations.gen.ts")).toContain(`export type OperationId =
  | "seat.create"
  | "seat.list"
  | "seat.keep"
  | "seat.lamp.list";`);
    expect(file("operations.gen.ts")).toContain(`  "seat.keep": {
    id: "seat.keep",
    idempotency: "idempotent",
    access: "session",
    arguments: ["seat_id"],
    result: "nothing",
    api: {
      method: "POST",
      path: "/room/seat/{seat_id}",
      action: "keep",
      query: [],
      body: "members",
      status: 204,
    },
    rest: {
      method: "POST",
      path: "/com/vmware/room/seat/id:{seat_id}",
      action: "keep",
      query: [],
      body: "members",
      status: 200,
    },
  },`);
  });

  test("has the place of the client token and the wrapper of the body", () => {
    expect(file("operations.gen.ts")).toMatch(/body: "members",\s+clientToken: "header",\s+status: 201/);
    expect(file("operations.gen.ts")).toMatch(
      /body: \{ wrapper: "create_spec" \},\s+clientToken: "body",\s+status: 200/,
    );
  });

  test("names the members that are maps", () => {
    expect(file("operations.gen.ts")).toContain(`export const mapMembers: readonly string[] = ["labels"];`);
  });
});

describe("the facts", () => {
  test("have errors, required query and inputs", () => {
    expect(file("facts.gen.ts")).toContain(
      `"seat.lamp.list": {"api":{"errors":{"400":["INVALID_ARGUMENT"]},"requiredQuery":[]},` +
        `"rest":{"errors":{"400":["INVALID_ARGUMENT"]},"requiredQuery":["seat_id"]}},`,
    );
    expect(file("facts.gen.ts")).toContain(`"input":{"model":"SeatModel","required":true,"members":["name"]}`);
  });

  test("have the models without their texts", () => {
    expect(file("facts.gen.ts")).toContain(`"SeatState": {"type":"string","enum":["FREE","TAKEN"]},`);
    expect(file("facts.gen.ts")).toContain(`"state":{"model":"SeatState"}`);
    expect(file("facts.gen.ts")).not.toContain("Its width");
  });
});

describe("the face", () => {
  test("has path parameters first, the rest as one object, then the options", () => {
    const face = file("face.gen.ts");
    expect(face).toContain(
      `create(spec: Required<Pick<SeatModel, "name">>, options?: CreateOptions): Promise<string>;`,
    );
    expect(face).toContain("list(query?: SeatListQuery, options?: CallOptions): Promise<readonly string[]>;");
    expect(face).toContain("keep(seatId: string, spec?: SeatKeepSpec, options?: CallOptions): Promise<void>;");
    expect(face).toContain("list(seatId: string, options?: CallOptions): Promise<readonly SeatModel[]>;");
    expect(face).toContain("readonly lamp: SeatLampService;");
  });

  test("has the specification's texts as docstrings", () => {
    expect(file("face.gen.ts")).toContain(`  /**
   * Put up a seat.
   *
   * It stays until it is taken away.
   *
   * Cost on the wire: one request, repeated with the same client token when the answer was lost. Privilege:
   * Room.Create.
   *
   * Modern style: \`POST /api/room/seat\`.
   * Legacy style: \`POST /rest/com/vmware/room/seat\`.
   *
   * @throws {@link ServerError} INVALID_ARGUMENT, code \`REJECTED\`: an argument is wrong.
   */`);
    expect(file("face.gen.ts")).toContain("  /** Only on this floor. */\n  readonly floor_id?: string;");
  });

  test("binds each operation with its arguments in order", () => {
    expect(file("face.gen.ts")).toContain(`keep: (seatId, spec, options) =>
        call(operations["seat.keep"], [seatId], spec, options),`);
  });
});
