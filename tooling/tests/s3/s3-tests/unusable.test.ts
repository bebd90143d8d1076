import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { S3Sink, StoreError } from "@carrel/s3";
import type { S3SinkOptions } from "@carrel/s3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startFaultProxy } from "../src/fault-proxy.ts";
import { startVersitygw } from "../src/start-versitygw.ts";
import type { Versitygw } from "../src/start-versitygw.ts";
import { createPlace } from "./s3-place.ts";

let store: Versitygw;

beforeAll(async () => {
  store = await startVersitygw();
});

afterAll(async () => {
  await store[Symbol.asyncDispose]();
});

/** Opens a place as a download does, and returns the error. */
async function failureOf(address: string, options: S3SinkOptions): Promise<StoreError> {
  const sink = await new S3Sink(address, options).open({ origin: "https://vcenter.test", itemId: "item-1" });
  try {
    await sink.create();
  } catch (error) {
    if (error instanceof StoreError) return error;
    throw error;
  } finally {
    await sink[Symbol.asyncDispose]();
  }
  throw new Error("It can be used.");
}

test("create fails where the bucket does not exist", async () => {
  const { credentials, endpoint } = store;
  const error = await failureOf("s3://no-such-bucket/lab", { endpoint, credentials });
  expect(error).toMatchObject({
    code: "TRANSFER",
    problem: "disk",
    obstacle: "no-bucket",
    storeCode: "NoSuchBucket",
    retryable: false,
  });
  expect(error.message).toBe(
    'Cannot use "s3://no-such-bucket": the bucket does not exist (NoSuchBucket: The specified bucket does not exist)',
  );
});

test("create fails where the secret key is wrong, and does not show it", async () => {
  await using place = await createPlace(store);
  const credentials = { ...store.credentials, secretAccessKey: "wrong-secret" };
  const error = await failureOf(place.address, { endpoint: store.endpoint, credentials });
  expect(error).toMatchObject({
    obstacle: "denied",
    storeCode: "SignatureDoesNotMatch",
    status: 403,
    retryable: false,
  });
  expect(JSON.stringify(error) + String(error.stack) + String(error.cause)).not.toContain("wrong-secret");
});

test.each([
  ["AccessDenied", 403, "denied"],
  ["AuthorizationHeaderMalformed", 400, "region"],
  ["PermanentRedirect", 301, "region"],
  ["RequestTimeTooSkewed", 403, "clock"],
  ["ExpiredToken", 400, "expired"],
  ["SomethingNew", 418, "other"],
] as const)("create fails with the store's own code %s", async (code, status, obstacle) => {
  await using proxy = await startFaultProxy(store.endpoint, () => ({ status, code }));
  const { credentials } = store;
  const error = await failureOf("s3://images", { endpoint: proxy.endpoint, credentials });
  expect(error).toMatchObject({ obstacle, storeCode: code });
  expect(error.message).toContain(`(${code}: As the test wants)`);
});

test.each([
  ["text/html", 200, "<!doctype html><p>Welcome to a web server.</p>"],
  ["application/json", 200, '{"hello":"world"}'],
  ["text/html", 404, "<html><h1>Not found</h1></html>"],
])("create fails where what answers is not a store, but %s with status %d", async (type, status, body) => {
  const server = createServer((_request, response) => {
    response.writeHead(status, { "content-type": type }).end(body);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const error = await failureOf("s3://images", { endpoint, credentials: store.credentials });
  server.closeAllConnections();
  server.close();
  expect(error).toMatchObject({ obstacle: "not-s3", retryable: false });
});

test("create fails where nothing listens", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  const error = await failureOf("s3://images", {
    endpoint: `http://127.0.0.1:${port}`,
    credentials: store.credentials,
  });
  expect(error).toMatchObject({ obstacle: "unreachable", storeCode: "ECONNREFUSED", retryable: true });
});
