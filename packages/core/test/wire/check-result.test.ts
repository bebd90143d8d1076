import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ProtocolError } from "../../src/index.ts";
import { answerModels } from "../../src/gen/answers.gen.ts";
import { operations } from "../../src/gen/operations.gen.ts";
import type { OperationId } from "../../src/gen/operations.gen.ts";
import { apiCodec } from "../../src/wire/api-codec.ts";
import type { WireCodec } from "../../src/wire/codec.ts";
import { restCodec } from "../../src/wire/rest-codec.ts";

const codecs: readonly WireCodec[] = [apiCodec(["Client-Token"]), restCodec];

function decode(codec: WireCodec, id: OperationId, value: unknown): unknown {
  const text = JSON.stringify(codec.style === "api" ? value : { value });
  return codec.decode(operations[id], { status: 200, contentType: "application/json", text });
}

const file = { name: "disk.vmdk", bytes_transferred: 0, status: "PREPARED" };
const long = "x".repeat(4_097);

describe.each(codecs)("the $style codec", (codec) => {
  test.each<[OperationId, unknown, string]>([
    ["downloadSession.get", { state: 7 }, "the answer's state is a number, not a string"],
    ["downloadSession.get", { client_progress: "7" }, "the answer's client_progress is a string, not a number"],
    [
      "downloadSession.get",
      { client_progress: -1 },
      "the answer's client_progress is -1, not a whole number of at least 0",
    ],
    ["downloadSession.get", { expiration_time: "soon" }, "the answer's expiration_time is not a time"],
    [
      "downloadSession.get",
      { library_item_id: { id: "x" } },
      "the answer's library_item_id is an object, not a string",
    ],
    ["downloadSession.get", { library_item_id: long }, "the answer's library_item_id is longer than 4096 characters"],
    ["downloadSession.file.get", {}, "the answer's name is missing"],
    ["downloadSession.file.get", { ...file, name: null }, "the answer's name is missing"],
    ["downloadSession.file.get", { ...file, status: null }, "the answer's status is missing"],
    ["downloadSession.file.get", { ...file, size: 1.5 }, "the answer's size is 1.5, not a whole number of at least 0"],
    [
      "downloadSession.file.get",
      { ...file, download_endpoint: "x" },
      "the answer's download_endpoint is a string, not an object",
    ],
    [
      "downloadSession.file.get",
      { ...file, download_endpoint: { uri: null } },
      "the answer's download_endpoint.uri is missing",
    ],
    [
      "downloadSession.file.get",
      { ...file, checksum_info: { checksum: 1 } },
      "the answer's checksum_info.checksum is a number, not a string",
    ],
    ["downloadSession.file.list", [file, "x"], "the answer's [1] is a string, not an object"],
    ["downloadSession.file.list", [file, null], "the answer's [1] is null, not an object"],
    ["downloadSession.file.list", [{ ...file, name: ["x"] }], "the answer's [0].name is an array, not a string"],
    ["downloadSession.create", long, "the answer is longer than 4096 characters"],
    ["downloadSession.create", "\ud800", "the answer is malformed: it contains half of a surrogate pair"],
    ["library.list", ["a", 1], "the answer's [1] is a number, not a string"],
    ["library.list", ["a", ""], "the answer's [1] is empty"],
    ["library.list", ["a", null], "the answer's [1] is null, not a string"],
    ["library.get", { storage_backings: {} }, "the answer's storage_backings is an object, not an array"],
    [
      "library.get",
      { storage_backings: [{ type: true }] },
      "the answer's storage_backings[0].type is a boolean, not a string",
    ],
    ["item.get", { cached: "true" }, "the answer's cached is a string, not true or false"],
    ["session.get", { user: null }, "the answer's user is missing"],
    ["session.create", "two words", "the answer is not a session id"],
    ["session.create", "line\nbreak", "the answer is not a session id"],
  ])("%s: %j", (id, value, sentence) => {
    expect(() => decode(codec, id, value)).toThrow(new ProtocolError(`${id}: ${sentence}`));
  });

  test("both codecs read null as absent, at any depth, and a null list as an empty one", () => {
    const nulls = {
      ...file,
      size: null,
      download_endpoint: null,
      checksum_info: { algorithm: "SHA1", checksum: null },
      error_message: null,
      of_a_later_version: { a: null, b: [{ c: null }, null] },
    };
    expect(decode(codec, "downloadSession.file.get", nulls)).toEqual({
      ...file,
      of_a_later_version: { b: [{}, null] },
    });
    expect(Object.keys(decode(codec, "downloadSession.get", { state: null }) as object)).toEqual([]);
    expect(decode(codec, "library.list", null)).toEqual([]);
  });

  test("both codecs keep members that the specification does not know", () => {
    const later = {
      id: "x",
      type: "STORAGEPOLICY",
      brand_new: [{ a: 1 }],
      constructor: 1,
      toString: "x",
      ["__proto__"]: { a: 1 },
    };
    const text = JSON.stringify(codec.style === "api" ? later : { value: later });
    const read = codec.decode(operations["library.get"], { status: 200, contentType: "application/json", text });
    expect(JSON.stringify(read)).toBe(JSON.stringify(later));
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
  });

  test("both codecs read messages in any of their shapes", () => {
    const read = (error_message: unknown): unknown =>
      (decode(codec, "downloadSession.get", { state: "ERROR", error_message }) as { error_message: unknown })
        .error_message;
    expect(read({ id: "m", defaultMessage: "No.", args: null })).toEqual({ id: "m", default_message: "No.", args: [] });
    expect(read("No.")).toEqual({ id: "", default_message: "No.", args: [] });
    expect(read({ default_message: { deep: 1 }, params: [{ key: "a", value: { s: "b" } }] })).toEqual({
      id: "",
      default_message: '{"deep":1}',
      args: [],
      params: { a: { s: "b" } },
    });
  });

  test.each(Object.values(operations).filter(({ result }) => result !== "nothing"))(
    "$id returns what its model says or throws a ProtocolError, whatever comes",
    (operation) => {
      const members = Object.keys(answerModels[operation.model ?? ""] ?? { id: "name" });
      const value = fc.letrec((tie) => ({
        any: fc.oneof(
          { maxDepth: 3 },
          fc.jsonValue({ maxDepth: 1 }),
          fc.constantFrom("x", 1, null, "2026-01-01T00:00:00Z"),
          tie("model"),
          fc.array(tie("model"), { maxLength: 3 }),
        ),
        model: fc.dictionary(fc.constantFrom("x", "", ...members), tie("any"), { maxKeys: 8 }),
      })).any;
      fc.assert(
        fc.property(value, (answer) => {
          let result: unknown;
          try {
            result = decode(codec, operation.id as OperationId, answer);
          } catch (error) {
            expect(error).toBeInstanceOf(ProtocolError);
            expect((error as Error).message.startsWith(`${operation.id}: `)).toBe(true);
            return;
          }
          expectModel(
            operation.result === "list" ? `${operation.model ?? "name!"}[]` : (operation.model ?? "name!"),
            result,
          );
        }),
        { numRuns: 40 },
      );
    },
  );
});

/** Looks with other eyes than the source whether a value is of a kind. */
function expectModel(kind: string, value: unknown): void {
  if (kind.endsWith("[]")) {
    expect(Array.isArray(value)).toBe(true);
    for (const each of value as unknown[]) expectModel(kind.slice(0, -2), each);
    return;
  }
  const bare = kind.replace("!", "");
  if (["string", "name", "time"].includes(bare)) expect(typeof value).toBe("string");
  else if (bare === "count") expect(Number.isSafeInteger(value)).toBe(true);
  else if (bare === "boolean") expect(typeof value).toBe("boolean");
  else if (bare === "LocalizableMessage")
    expect(value).toMatchObject({ id: expect.any(String) as string, args: expect.any(Array) as [] });
  else {
    const kinds = answerModels[bare] ?? {};
    expect(value).toBeTypeOf("object");
    for (const [name, inner] of Object.entries(kinds)) {
      const member = Object.getOwnPropertyDescriptor(value, name)?.value as unknown;
      if (member !== undefined) expectModel(inner, member);
      else expect(inner.endsWith("!")).toBe(false);
    }
  }
}
