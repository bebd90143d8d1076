import { afterAll, beforeAll, expect, test } from "vitest";
import { Conversation } from "./conversation.ts";
import { differencesOf } from "./difference.ts";
import { allExchanges } from "./exchanges/all-exchanges.ts";
import { expectedAnswer } from "./expected-answer.ts";
import { listedFor } from "./listed-differences.ts";
import type { ServerUnderTest } from "./server-under-test.ts";
import { vcsimUnderTest } from "./vcsim-under-test.ts";

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
