import { expect, test } from "vitest";
import { extractSnippets } from "../src/extract-snippets.ts";

const fence = "```";

test("finds the TypeScript blocks of a README, and where they stand", () => {
  const text = ["# Title", `${fence}sh`, "npm test", fence, `${fence}ts`, "const a = 1;", "", "a;", fence].join("\n");
  expect(extractSnippets("README.md", text)).toEqual([
    { place: "README.md:5", language: "ts", code: "const a = 1;\n\na;" },
  ]);
});

test("finds the blocks of docstrings, and no others", () => {
  const text = [
    "/**",
    " * Says so.",
    " *",
    " * @example",
    ` * ${fence}ts`,
    " * if (a) {",
    " *   b();",
    " * }",
    ` * ${fence}`,
    " */",
    "const c = `",
    `${fence}ts`,
    "no",
    fence,
    "`;",
  ].join("\n");
  expect(extractSnippets("a.ts", text)).toEqual([{ place: "a.ts:5", language: "ts", code: "if (a) {\n  b();\n}" }]);
});

test("says which blocks have elements in them", () => {
  const text = [`${fence}tsx`, "<p />;", fence, `${fence}tsxy`, "no", fence].join("\n");
  expect(extractSnippets("README.md", text)).toEqual([{ place: "README.md:1", language: "tsx", code: "<p />;" }]);
});
