import { S3Place } from "@carrel/s3";
import { sha256, StrictSubscriber } from "@carrel/test-kit";
import { publishLibrary } from "@carrel/vcsp";
import type { ContentItem } from "@carrel/vcsp";
import { afterAll, beforeAll, expect, test } from "vitest";
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

test("S3Place reads, writes and deletes small files, and a missing one is not an error", async () => {
  await using bucket = await createPlace(store);
  await using place = new S3Place(bucket.address, bucket.options);
  expect(place.label).toBe(bucket.address);
  expect(await place.read("lib.json")).toBeUndefined();
  await place.delete("lib.json");
  for (const text of ["{}", '{"name":"größer"}']) {
    await place.write("a b/lib.json", text);
    expect(await place.read("a b/lib.json")).toMatchObject({ text });
  }
  const { modifiedAtMs = 0 } = (await place.read("a b/lib.json")) ?? {};
  expect(Math.abs(Date.now() - modifiedAtMs)).toBeLessThan(60_000);
  await place.delete("a b/lib.json");
  expect(await place.read("a b/lib.json")).toBeUndefined();
});

/** An item with one file, as a mirror knows it. */
function itemOf(name: string, bytes: Buffer): ContentItem {
  const hex = sha256(bytes);
  const file = {
    name: `${name}.iso`,
    path: `${name}/${hex.slice(0, 8)}/${name}.iso`,
    sizeBytes: bytes.length,
    modifiedAtMs: 1_000,
    digest: { algorithm: "sha256", hex } as const,
    digestOf: async () => hex,
  };
  return { name, directory: name, files: [file] };
}

test("S3Place is a place that publishLibrary publishes in, and a strict subscriber follows", async () => {
  await using bucket = await createPlace(store);
  await using place = new S3Place(bucket.address, bucket.options);
  const subscriber = new StrictSubscriber(async (href) => (await bucket.visible()).get(decodeURIComponent(href)));
  const published: ContentItem[] = [];
  for (const content of ["first", "second", "third"]) {
    const bytes = Buffer.from(content);
    // The second one replaces the first item's file.
    const item = itemOf(content === "third" ? "debian" : "ubuntu", bytes);
    await bucket.put(item.files[0]?.path ?? "", bytes);
    const others = published.filter(({ name }) => name !== item.name);
    published.splice(0, Infinity, ...others, item);
    await publishLibrary(place, published, { name: "Images" });
    expect(await subscriber.sync()).toBe(true);
    expect(subscriber.items.size).toBe(published.length);
  }
  await publishLibrary(place, published, { name: "Images" });
  expect(await subscriber.sync()).toBe(false);
});
