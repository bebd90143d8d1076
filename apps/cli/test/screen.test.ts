import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { Screen } from "../src/output/screen.ts";

function screenOf(columns: number | undefined): { readonly screen: Screen; readonly written: () => string } {
  const stdout = Object.assign(new PassThrough(), columns === undefined ? {} : { isTTY: true, columns });
  const stderr = new PassThrough();
  const screen = new Screen({ stdout, stderr, env: {} } as unknown as ConstructorParameters<typeof Screen>[0]);
  return { screen, written: () => String(stdout.read() ?? "") };
}

const sentence = "36 files of 3 items, 183.2 MiB in 0.9 s, all verified by checksum.";

test("Screen breaks a sentence of results between words on a terminal, and not in the log", () => {
  const { screen, written } = screenOf(40);
  const logged: string[] = [];
  screen.log = (line) => logged.push(line);
  screen.printSentence(sentence);
  expect(written()).toBe("36 files of 3 items, 183.2 MiB in 0.9 s,\n  all verified by checksum.\n");
  expect(logged).toEqual([sentence]);
});

test("Screen leaves a sentence of results in one line elsewhere, and does without it where it is quiet", () => {
  const { screen, written } = screenOf(undefined);
  screen.printSentence(sentence);
  expect(written()).toBe(`${sentence}\n`);
  screen.isQuiet = true;
  screen.printSentence(sentence);
  expect(written()).toBe("");
});
