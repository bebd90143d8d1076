import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { discardBody, readText } from "../../src/http/body.ts";

const text = "aé€😀";
const bytes = new TextEncoder().encode(text);

/** Chunks of one byte each, so that characters are cut. */
async function* slowly(): AsyncGenerator<Uint8Array> {
  for (const byte of bytes) yield Uint8Array.of(byte);
}

const bodies: readonly [string, () => Response][] = [
  [
    "a stream of the web",
    () =>
      new Response(
        Readable.toWeb(Readable.from(slowly(), { objectMode: false })) as ReadableStream<Uint8Array<ArrayBuffer>>,
      ),
  ],
  ["a stream of Node", () => ({ body: Readable.from(slowly(), { objectMode: false }) }) as unknown as Response],
  ["no stream", () => ({ text: () => Promise.resolve(text) }) as unknown as Response],
];

test.each(bodies)("reads %s up to the limit, and not beyond", async (_, respond) => {
  expect(await readText(respond(), bytes.length)).toBe(text);
  expect(await readText(respond(), 2)).toBeUndefined();
});

test("readText returns an empty text where there is no body, and drops a byte order mark", async () => {
  expect(await readText(new Response(null), 10)).toBe("");
  expect(await readText(new Response("\ufeffx"), 10)).toBe("x");
});

test("readText cancels a stream that it does not read to the end", async () => {
  const { promise: cancelled, resolve } = Promise.withResolvers<void>();
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(10)),
    cancel: () => resolve(),
  });
  expect(await readText(new Response(endless), 15)).toBeUndefined();
  await cancelled;
  const readable = Readable.from(slowly(), { objectMode: false });
  await discardBody({ body: readable } as unknown as Response);
  expect(readable.destroyed).toBe(true);
});
