import { describe, inject, test } from "vitest";
import { scenarios } from "../src/scenario.ts";
import { wireStyles } from "../src/test-server.ts";

describe.each(wireStyles)("in the wire style %s", (wire) => {
  test.each(scenarios)("$name", ({ run }) => run(inject("target"), wire));
});
