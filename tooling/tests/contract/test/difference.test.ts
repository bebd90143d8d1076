import { expect, test } from "vitest";
import { absent, differencesOf } from "../src/difference.ts";

const answer = { status: 200, body: { value: [{ name: "one", size: 1 }, { name: "two" }] } };

test("finds nothing between like answers, whatever the order of their members", () => {
  expect(differencesOf(answer, { body: { value: [{ size: 1, name: "one" }, { name: "two" }] }, status: 200 })).toEqual(
    {},
  );
});

test("names the place of each difference, and what stands there instead", () => {
  const other = { status: 404, body: { value: [{ name: "one", color: { red: 1 } }] }, text: "gone" };
  expect(differencesOf(answer, other)).toEqual({
    status: 404,
    "body.value[0].size": absent,
    "body.value[0].color": '{"red":1}',
    "body.value[1]": absent,
    text: "gone",
  });
});

test.each([
  ["an empty list", { value: [] }, { value: null }, { value: null }],
  ["a null", { value: null }, {}, { value: absent }],
  ["a member that is not there", {}, { value: null }, { value: null }],
  ["a long branch", {}, { value: "x".repeat(200).split("") }, { value: "(more)" }],
])("tells %s from other values", (_, ours, theirs, expected) => {
  expect(differencesOf(ours, theirs)).toEqual(expected);
});
