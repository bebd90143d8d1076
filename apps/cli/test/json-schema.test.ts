import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import { commandsWithJson, jsonSchema } from "../src/output/json-schema.ts";
import { checkJson } from "./support/check-json.ts";
import { runCli } from "./support/run-cli.ts";

test.for([undefined, ...commandsWithJson])(
  "carrel help json --schema %s prints a schema of 2020-12",
  async (command) => {
    const { exitCode, stdout, stderr } = await runCli([
      "help",
      "json",
      "--schema",
      ...(command === undefined ? [] : [command]),
    ]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    const schema = JSON.parse(stdout) as object;
    expect(schema).toEqual(JSON.parse(JSON.stringify(jsonSchema(command))));
    expect(schema).toMatchObject({ $schema: "https://json-schema.org/draft/2020-12/schema" });
    const ajv = new Ajv2020({ strict: false, formats: { "date-time": true } });
    const validate = ajv.compile(schema);
    const error = { code: "USAGE", retryable: false, message: "no", hints: [], exitCode: 2 };
    expect(validate({ type: "error", error })).toBe(true);
    expect(validate({ type: "error", error: { ...error, later: 1 }, later: true })).toBe(true);
    expect(validate({ type: "error", error: { ...error, hints: "none" } })).toBe(false);
  },
);

test.for([["demo"], ["get", "mirror"]])("carrel help json --schema %j is refused", async (words) => {
  const { exitCode, stdout, stderr } = await runCli(["help", "json", "--schema", ...words]);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
  expect(stderr).toContain(`No JSON of '${words.join(" ")}'\n  Commands with JSON: get, mirror, ls`);
});

test("carrel help json names the schema and says what later versions may do", async () => {
  const { stdout } = await runCli(["help", "json"]);
  expect(stdout).toContain("carrel help json --schema get");
  const promise = "Later versions add types and members, and neither remove nor change those that there are";
  expect(stdout.replaceAll(/\s+/gu, " ")).toContain(promise);
});

test.for([
  [
    '{"type":"synchronized","library":"Images","libraryId":"1","library_id":"1"}',
    "must NOT have additional properties",
  ],
  ['{"type":"synchronized","library":"Images"}', "must have required property 'libraryId'"],
  ['{"type":"begun"}', "no shape is declared"],
])("the check of every run finds what is wrong with %s", ([line = "", complaint = ""]) => {
  expect(() => checkJson(["sync", "Images", "--json"], `${line}\n`)).toThrow(complaint);
});
