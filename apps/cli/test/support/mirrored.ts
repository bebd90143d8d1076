import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ItemSeed, Simulator } from "@carrel/simulator";
import { expect } from "vitest";
import { filesIn } from "./fixture.ts";

/** An item with files of 40,000 bytes, each unlike the others. */
export function imageOf(name: string, ...files: readonly string[]): ItemSeed {
  return {
    name,
    type: "iso",
    files: files.map((file) => ({ name: file, sizeBytes: 40_000, seed: `${name}/${file}` })),
  };
}

/** Checks that a library is in a folder, byte for byte, and nothing else but the manifest. */
export async function expectMirrored(folder: string, { inventory }: Simulator, name = "Images"): Promise<void> {
  const { items } = inventory.library(name);
  for (const item of items) {
    for (const file of item.files) {
      const bytes = await readFile(join(folder, item.name, file.name));
      expect(bytes.equals(await file.bytes()), `${item.name}/${file.name}`).toBe(true);
    }
  }
  const expected = items.flatMap((item) => item.files.map((file) => join(item.name, file.name)));
  expect(await filesIn(folder)).toEqual([".carrel-mirror.json", ...expected].toSorted());
}

/** Names of the files that were transferred, sorted. */
export function transferred({ journal }: Simulator): readonly string[] {
  const names = journal.filter(({ kind }) => kind === "transfer").map(({ file }) => file ?? "");
  return names.toSorted();
}

/** The lines of a run with --json. */
export function eventsOf(stdout: string): readonly Readonly<Record<string, unknown>>[] {
  const lines = stdout.trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}
