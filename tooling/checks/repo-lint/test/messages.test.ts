import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { checkMessages, thirdParties } from "../src/check-messages.ts";

const root = new URL("../../../../", import.meta.url);

test.each([
  "if (error.message.includes(x)) return;",
  "return error.message.startsWith(x);",
  "const [, host] = /of (.*)/.exec(error.message) ?? [];",
  "return /gone/u.test((error as Error).message);",
  "const text = message.replace(/x/, y);",
])("code that looks into the text of an error is found: %s", (line) => {
  expect(checkMessages("apps/cli/src/deep/a.ts", `\n${line}\n`)).toContainEqual(
    expect.objectContaining({ line: 2, rule: "message-text" }),
  );
});

test.each(["return `${error.message}: ${why}`;", "messages.includes(x);", "log(message);", "/x/.test(text);"])(
  "code that only shows it is not: %s",
  (line) => {
    expect(checkMessages("packages/core/src/a.ts", line)).toEqual([]);
  },
);

test("tests and tools may look, and every exception names a file that exists", () => {
  expect(checkMessages("packages/core/test/a.ts", "error.message.includes(x)")).toEqual([]);
  for (const file of thirdParties.keys())
    expect({ file, exists: existsSync(fileURLToPath(new URL(file, root))) }).toEqual({ file, exists: true });
});
