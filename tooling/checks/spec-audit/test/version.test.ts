import { expect, test } from "vitest";
import { compareVersions, versionOf } from "../src/version.ts";

test.each([
  ["9.1.0.0", "vcenter.yaml", "9.1.0.0"],
  ["2.0.0", "content-6.7.swagger.json", "6.7"],
  ["2.0.0", "content-8.0.2.json", "8.0.2"],
  ["2.0.0", "content.json", undefined],
  [undefined, "7.0.3.yaml", "7.0.3"],
])("a file that states %s and is called %s describes %s", (stated, name, expected) => {
  expect(versionOf(stated, name)).toBe(expected);
});

test.each([
  ["6.7", "7.0.0.0", -1],
  ["7.0.3", "7.0.3.0", 0],
  ["10.0", "9.1", 1],
])("%s against %s", (left, right, sign) => {
  expect(Math.sign(compareVersions(left, right))).toBe(sign);
});
