import { expect } from "vitest";
import { textWidth } from "../src/output/text-width.ts";
import type { Terminal } from "./terminal.ts";

// How long to wait for something to be seen, and how often to look.
const patience = { timeout: 30_000, interval: 5 };

/** What rows of progress have: a bar, or, where a terminal is too narrow for one, a percentage. */
export const bar: RegExp = /[█░]|\s\d+%(?:\s|$)/mu;

function barsOf(picture: string): readonly string[] {
  return picture.split("\n").filter((line) => bar.test(line));
}

/** Waits until something is on the screen, bars unless told otherwise. */
export async function untilSeen(terminal: Terminal, what: RegExp = bar): Promise<void> {
  await expect.poll(() => terminal.screen(), patience).toMatch(what);
}

/** Watches until the program has ended, and returns every picture that was different from the one before it. */
export async function watch(terminal: Terminal): Promise<readonly string[]> {
  const pictures: string[] = [];
  await expect
    .poll(async () => {
      const picture = await terminal.screen();
      if (picture !== pictures.at(-1)) pictures.push(picture);
      return picture;
    }, patience)
    .toMatch(/^exit \d+$/mu);
  return pictures;
}

/** Checks that bars were there from the first one to the last, in no more than some rows, none of them too wide. */
export function expectSteadyBars(
  pictures: readonly string[],
  most: { readonly rows: number; readonly columns: number },
) {
  const isThere = (picture: string): boolean => bar.test(picture);
  const steady = pictures.slice(pictures.findIndex(isThere), pictures.findLastIndex(isThere) + 1);
  expect(steady.length).toBeGreaterThan(4);
  expect(steady.filter((picture) => !isThere(picture))).toEqual([]);
  expect(withMoreBars(steady, most.rows)).toEqual([]);
  expect(steady.flatMap(barsOf).filter((line) => textWidth(line) >= most.columns)).toEqual([]);
}

/** The pictures that have more rows with bars than there may be. */
export function withMoreBars(pictures: readonly string[], most: number): readonly string[] {
  return pictures.filter((picture) => barsOf(picture).length > most);
}

/** The lines that are on a terminal in the end, or have scrolled off it. Its modes must be as they were. */
export async function leftOn(terminal: Terminal): Promise<readonly string[]> {
  expect(await terminal.modes()).toBe("wrap 1, cursor 1");
  const lines = (await terminal.history()).split("\n").map((line) => line.trimEnd());
  return lines.filter((line) => line !== "");
}

/** Joins the lines of sentences that were broken between words. Rows of files begin with more than two spaces, or none. */
export function unwrapped(lines: readonly string[]): readonly string[] {
  return lines
    .join("\n")
    .replaceAll(/\n {2}(?=\S)/gu, " ")
    .split("\n");
}
