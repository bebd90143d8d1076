import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readMirrorRecord } from "../../src/index.ts";

/** Turns the records of a mirror into the one that earlier versions wrote, and returns it. */
export async function toOldForm(directory: string): Promise<string> {
  const path = join(directory, ".carrel-mirror.json");
  const head = JSON.parse(await readFile(path, "utf8")) as object;
  const { items } = (await readMirrorRecord(directory)) ?? { items: [] };
  const text = JSON.stringify({ ...head, format: 1, items });
  await rm(join(directory, ".carrel-mirror.items"), { recursive: true });
  await writeFile(path, text);
  return text;
}

/** Returns what a mirror's own record says, without its form. */
export async function headOf(directory: string): Promise<{ readonly format: number }> {
  return JSON.parse(await readFile(join(directory, ".carrel-mirror.json"), "utf8")) as { readonly format: number };
}
