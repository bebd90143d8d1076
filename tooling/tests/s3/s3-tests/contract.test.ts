import { testSink } from "@carrel/sink-contract";
import { afterAll, beforeAll } from "vitest";
import { startVersitygw } from "../src/start-versitygw.ts";
import type { Versitygw } from "../src/start-versitygw.ts";
import { bucketsOf } from "./s3-place.ts";

let store: Versitygw;

beforeAll(async () => {
  store = await startVersitygw();
});

afterAll(async () => {
  await store[Symbol.asyncDispose]();
});

testSink(bucketsOf(() => store));
