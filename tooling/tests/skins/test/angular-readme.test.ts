import { readFileSync } from "node:fs";
import { parseTemplate } from "@angular/compiler";
import { expect, test } from "vitest";

test("the template of the README of @carrel/angular compiles", () => {
  const readme = readFileSync(new URL("../../../../packages/angular/README.md", import.meta.url), "utf8");
  const [, template = ""] = /template: `([^`]*)`/u.exec(readme) ?? [];
  expect(template).toContain("endpoint.uri");
  expect(parseTemplate(template, "README.md").errors).toBeNull();
});
