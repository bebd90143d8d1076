import { describe, expect, test } from "vitest";
import { checkNumber, checkOneOf, checkText, shown } from "../../src/kit.ts";
import type { NumberRange } from "../../src/kit.ts";

describe("checkNumber", () => {
  test.each<[number, NumberRange]>([
    [0.5, { above: 0, below: 1 }],
    [0, { from: 0 }],
    [2.5, { from: 0, to: 2.5 }],
    [Infinity, { from: 0, to: Infinity }],
    [8, { from: 1, whole: true }],
    [-1, {}],
  ])("accepts %d for %j", (value, range) => {
    expect(() => checkNumber("limit", value, range)).not.toThrow();
  });

  test.each<[number, NumberRange, string]>([
    [0, { above: 0, below: 1 }, "limit must be between 0 and 1 (exclusive): got 0"],
    [0, { above: 0 }, "limit must be a number above 0: got 0"],
    [1, { below: 1 }, "limit must be a number below 1: got 1"],
    [-1, { from: 0 }, "limit must be a number of at least 0: got -1"],
    [-1, { from: 0, to: Infinity }, "limit must be a number of at least 0: got -1"],
    [9, { to: 8 }, "limit must be a number of at most 8: got 9"],
    [9, { from: 1, to: 8, whole: true }, "limit must be a whole number from 1 to 8: got 9"],
    [1.5, { from: 1, whole: true }, "limit must be a whole number of at least 1: got 1.5"],
    [2 ** 53, { from: 1, whole: true }, "limit must be a whole number of at least 1: got 9007199254740992"],
    [Infinity, { from: 0 }, "limit must be a number of at least 0: got Infinity"],
    [Infinity, {}, "limit must be a number: got Infinity"],
    [Number.NaN, {}, "limit must be a number: got NaN"],
  ])("throws a RangeError for %d with %j", (value, range, message) => {
    expect(() => checkNumber("limit", value, range)).toThrow(new RangeError(message));
  });

  test.each<[unknown, string]>([
    ["5", '"5"'],
    [null, "null"],
    [undefined, "undefined"],
    [5n, "5"],
    [[5], "an array"],
    [{}, "an object"],
    [() => 5, "a function"],
  ])("throws a TypeError for %s", (value, got) => {
    expect(() => checkNumber("limit", value, { from: 0 })).toThrow(new TypeError(`limit must be a number: got ${got}`));
  });
});

describe("checkOneOf", () => {
  test("accepts what is listed", () => {
    expect(() => checkOneOf("wire", "rest", ["api", "rest"])).not.toThrow();
  });

  test("throws a TypeError that lists what is allowed", () => {
    expect(() => checkOneOf("wire", "soap", ["api", "rest", "auto"])).toThrow(
      new TypeError('wire must be "api", "rest" or "auto": got "soap"'),
    );
    expect(() => checkOneOf("wire", 1, ["api"])).toThrow(new TypeError('wire must be "api": got 1'));
  });
});

describe("checkText", () => {
  test.each<[unknown, string]>([
    [undefined, "lease: itemId is undefined, as when nothing was found"],
    ["", "lease: itemId is empty, as when nothing was found"],
    [7, "lease: itemId must be a string: got 7"],
    ["\ud800", "lease: itemId must be well-formed: it contains half of a surrogate pair"],
  ])("throws a TypeError for %j", (value, message) => {
    expect(() => checkText("lease: itemId", value)).toThrow(new TypeError(message));
  });
});

test("shown shortens a long text", () => {
  expect(shown("x".repeat(60))).toBe(`"${"x".repeat(60)}"`);
  expect(shown("x".repeat(61))).toBe(`"${"x".repeat(57)}..."`);
});
