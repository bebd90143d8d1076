import { expect, expectTypeOf, test } from "vitest";
import { defined, findJsonMistake, isObject, parseJson } from "../../src/kit.ts";

test("defined drops members that are undefined, and keeps null, 0 and false", () => {
  const members: { a: number; b: string | undefined; c: null; d: boolean } = { a: 0, b: undefined, c: null, d: false };
  const result = defined(members);
  expect(result).toStrictEqual({ a: 0, c: null, d: false });
  expectTypeOf(result.a).toEqualTypeOf<number>();
  expectTypeOf(result).toExtend<{ b?: string }>();
});

test.each([
  [{}, true],
  [[], false],
  [null, false],
  ["text", false],
  [() => {}, false],
])("isObject of %s is %s", (value, expected) => {
  expect(isObject(value)).toBe(expected);
});

test("parseJson returns the value, or undefined where the text is not JSON", () => {
  expect(parseJson('{"a":[null]}')).toEqual({ a: [null] });
  expect(parseJson("null")).toBeNull();
  expect(parseJson("{a:1}")).toBeUndefined();
  expect(parseJson("")).toBeUndefined();
});

test.each([
  ['{"a": 1,\n "b": x}', { line: 2, column: 7 }],
  ["[1, 2", { line: 1, column: 6 }],
  ["", { line: 1, column: 1 }],
])("findJsonMistake finds where %j stops being JSON", (text, place) => {
  expect(findJsonMistake(text)).toEqual(place);
});
