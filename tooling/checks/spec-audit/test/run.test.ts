import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run } from "../src/run.ts";
import { OPENAPI, SWAGGER, fixtures } from "./support/fixtures.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "spec-audit-"));
});
afterAll(() => rm(folder, { recursive: true }));

const spec = fileURLToPath(new URL("spec", fixtures));
const path = (name: string): string => fileURLToPath(new URL(name, fixtures));

async function write(name: string, text: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, text);
  return file;
}

async function audited(...args: readonly string[]): Promise<readonly [code: number, text: string]> {
  let text = "";
  const accepted = await write("accepted.yaml", "[]");
  const code = await run(["--spec", spec, "--accepted", accepted, ...args], (part) => {
    text += part;
  });
  return [code, text];
}

test.each([SWAGGER, OPENAPI])("a file without differences is exit code 0: %s", async (name) => {
  const [code, text] = await audited(path(name));
  expect(text).toContain("Differences: 0");
  expect(code).toBe(0);
});

test("a difference is exit code 1", async () => {
  const [code, text] = await audited(
    path(SWAGGER),
    "--version",
    "7.0.2",
    "--accepted",
    await write("other.yaml", "[]"),
  );
  expect(code).toBe(0);
  expect(text).toContain("vSphere 7.0.2");
  const file = await write(
    "small.json",
    JSON.stringify({ openapi: "3.0.3", servers: [{ url: "/api" }], paths: { "/door": { get: { responses: {} } } } }),
  );
  expect(await audited(file)).toEqual([1, expect.stringContaining("too much  status 200")]);
});

test.each([
  ["nothing", [], "usage: pnpm spec:audit FILE"],
  ["an unknown option", ["--fast"], "Unknown option '--fast'"],
  ["a file that is not there", ["/nowhere/x.json"], "no such file"],
])("%s is exit code 2", async (_, args, message) => {
  expect(await audited(...args)).toEqual([2, expect.stringContaining(message)]);
});

test.each([
  ["broken JSON", "{", "is neither JSON nor YAML"],
  ["another kind of document", "hello: world", "is neither Swagger 2.0 nor OpenAPI 3"],
  ["an empty file", "", "is neither Swagger 2.0 nor OpenAPI 3"],
  ["an API that is not ours", `{"swagger":"2.0","paths":{"/pets":{"get":{}}}}`, "describes none of our operations"],
])("%s is exit code 2", async (_, content, message) => {
  expect(await audited(await write("file.json", content))).toEqual([2, expect.stringContaining(message)]);
});
