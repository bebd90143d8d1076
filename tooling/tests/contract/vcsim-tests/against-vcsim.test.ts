import { afterAll, beforeAll, expect, test } from "vitest";
import { Conversation } from "../src/conversation.ts";
import { differencesOf } from "../src/difference.ts";
import { allExchanges } from "../src/exchanges/all-exchanges.ts";
import { expectedAnswer } from "../src/expected-answer.ts";
import { listedFor } from "../src/listed-differences.ts";
import type { ServerUnderTest } from "../src/server-under-test.ts";
import { vcsimUnderTest } from "../src/server-under-test.ts";

let server: ServerUnderTest;
let conversation: Conversation;

beforeAll(async () => {
  server = await vcsimUnderTest();
  conversation = new Conversation(server);
});

afterAll(() => server[Symbol.asyncDispose]());

test.each(allExchanges)("$name", async (exchange) => {
  const seen = await conversation.hold(exchange);
  // What is listed and not seen has gone from vcsim; what is seen and not listed is new.
  expect(differencesOf(expectedAnswer(exchange, "rest"), seen)).toEqual(listedFor(exchange.name));
});
