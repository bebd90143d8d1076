import { describe, inject, it } from "vitest";
import { scenarios } from "../src/scenario.ts";
import { wireStyles } from "../src/test-server.ts";

describe.each(wireStyles)("in the wire style %s", (wire) => {
  it.each(scenarios)("$name", ({ run }) => run(inject("target"), wire));
});
