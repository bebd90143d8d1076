import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Conversation } from "../src/conversation.ts";
import { allExchanges } from "../src/exchanges/all-exchanges.ts";
import { expectedAnswer } from "../src/expected-answer.ts";
import { listedFor } from "../src/listed-differences.ts";
import { simulatorUnderTest } from "../src/server-under-test.ts";
import type { SimulatorUnderTest } from "../src/server-under-test.ts";
import { vcsimDifferences } from "../src/vcsim-differences.ts";

describe.each(["rest", "api"] as const)("the contract, in the style %s", (style) => {
  let server: SimulatorUnderTest;
  let conversation: Conversation;

  beforeAll(async () => {
    server = await simulatorUnderTest(style);
    conversation = new Conversation(server);
  });

  afterAll(() => server[Symbol.asyncDispose]());

  test.each(allExchanges)("$name", async (exchange) => {
    expect(await conversation.hold(exchange)).toEqual(expectedAnswer(exchange, style));
  });

  test("leaves nothing behind", () => {
    const { simulator } = server;
    expect(simulator.downloadSessions).toEqual([]);
    expect(simulator.openApiSessions).toEqual([]);
    expect(simulator.inventory.libraries).toEqual([]);
    expect(simulator.journal.every(({ outcome }) => outcome === "answered")).toBe(true);
  });
});

test("the table of vcsim's differences speaks of exchanges, by names that are theirs alone", () => {
  const names = allExchanges.map(({ name }) => name);
  expect(names).toEqual([...new Set(names)]);
  const listed = vcsimDifferences.flatMap(({ answers }) => Object.keys(answers));
  expect(listed.filter((name) => !names.includes(name))).toEqual([]);
  for (const name of names) expect(() => listedFor(name)).not.toThrow();
});
