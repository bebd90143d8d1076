import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import type { Spec } from "../../src/spec.ts";

/** A small specification in three files. */
export const specFolder: URL = new URL("../fixtures/spec/", import.meta.url);

export type FixtureFile = "models" | "api" | "rest";

/** Replaces a text that must be there. */
export type Change = readonly [file: FixtureFile, from: string, to: string];

/** The text of one fixture file, changed. */
export async function fixtureText(file: FixtureFile, changes: readonly Change[]): Promise<string> {
  let text = await readFile(new URL(`${file}.yaml`, specFolder), "utf8");
  for (const [name, from, to] of changes) {
    if (name !== file) continue;
    if (!text.includes(from)) throw new Error(`${file}.yaml does not contain: ${from}`);
    text = text.replace(from, to);
  }
  return text;
}

/** One fixture file, changed and parsed. */
export async function fixtureSpec(file: FixtureFile, ...changes: readonly Change[]): Promise<Spec> {
  return parse(await fixtureText(file, changes)) as Spec;
}
