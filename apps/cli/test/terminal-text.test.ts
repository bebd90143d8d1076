import fc from "fast-check";
import { expect, test } from "vitest";
import { terminalText } from "../src/content/terminal-text.ts";

async function shown(blocks: readonly Uint8Array[]): Promise<string> {
  let text = "";
  for await (const part of terminalText(from(blocks), () => new Error("It is binary."))) text += part;
  return text;
}

async function* from(blocks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* blocks;
}

const cut = (bytes: Uint8Array, at: number): readonly Uint8Array[] => [bytes.subarray(0, at), bytes.subarray(at)];

test.for([
  ["one\ntwo\n", "one\ntwo\n"],
  ["one\r\n\ttwo", "one\n\ttwo\n"],
  ["\u001B]0;x\u0007 \u009B2J", "\\u{1b}]0;x\\u{7} \\u{9b}2J\n"],
  ["back\rward\r", "back\\u{d}ward\\u{d}\n"],
  ["\u202Eevil", "\\u{202e}evil\n"],
  ["Grüße 日本", "Grüße 日本\n"],
  ["", ""],
])("terminalText shows %j as %j, wherever it is cut", async ([text = "", expected = ""]) => {
  const bytes = Buffer.from(text);
  for (let at = 0; at <= bytes.length; at += 1) expect(await shown(cut(bytes, at))).toBe(expected);
  const long = Buffer.from("x".repeat(10_000) + text);
  for (let at = 9_990; at <= long.length; at += 1) {
    expect((await shown([...cut(long.subarray(0, at), 5_000), long.subarray(at)])).replaceAll("\n", "")).toBe(
      `${"x".repeat(10_000)}${expected}`.replaceAll("\n", ""),
    );
  }
});

test.for([
  ["a NUL character", Buffer.from("text\0")],
  ["what is not UTF-8", Buffer.from([0x47, 0x72, 0xfc, 0xdf, 0x65])],
])("terminalText refuses %s before anything is shown", async ([, bytes]) => {
  const parts = terminalText(from([bytes as Uint8Array]), () => new Error("It is binary."));
  await expect(parts.next()).rejects.toThrow("It is binary.");
});

test("terminalText never lets a control character pass, also far behind the beginning", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 4 }), async (rest) => {
      const text = await shown([Buffer.alloc(9_000, "x"), ...rest]);
      expect(/[^\P{Cc}\n\t]/u.test(text)).toBe(false);
    }),
  );
});
