import { expect, test } from "vitest";
import { checkStamps } from "../src/check-stamps.ts";

const entry = "packages/a/src/fs.ts";
const own =
  '/** Files.\n * @private Does not follow semantic versioning. */\nexport { one, two } from "./deep/names.ts";\n';
const stamped = "/** Does one thing. Does not follow semantic\n * versioning. */\nexport function one(): void {}\n";
const unstamped = "/** Does two things. */\nexport const two = 2;\n";

test("checkStamps finds what an entry of the project exports without saying that it is for the project", () => {
  const names = "packages/a/src/deep/names.ts";
  expect(
    checkStamps(
      new Map([
        [entry, own],
        [names, stamped + unstamped],
      ]),
    ),
  ).toEqual([
    expect.objectContaining({ file: names, rule: "stamp", message: expect.stringContaining('"two"') as string }),
  ]);
  expect(
    checkStamps(
      new Map([
        [entry, own],
        [names, `${stamped}export const two = 2;`],
      ]),
    ),
  ).toHaveLength(1);
});

test("checkStamps leaves public entries alone, and what is declared in generated files", () => {
  const names = "packages/a/src/deep/names.ts";
  const index = own.replace("Does not follow semantic versioning.", "");
  expect(
    checkStamps(
      new Map([
        ["packages/a/src/index.ts", index],
        [names, unstamped],
      ]),
    ),
  ).toEqual([]);
  expect(checkStamps(new Map([[entry, own]]))).toEqual([]);
});

test("checkStamps takes what another package's public entry exports in turn for public", () => {
  const index = 'export { two } from "@carrel/a/fs";\n';
  const names = "packages/a/src/deep/names.ts";
  const texts = new Map([
    [entry, own],
    [names, stamped + unstamped],
    ["packages/b/src/index.ts", index],
  ]);
  expect(checkStamps(texts)).toEqual([]);
});
