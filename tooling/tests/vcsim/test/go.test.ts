import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findGo } from "../src/index.ts";

const name = process.platform === "win32" ? "go.exe" : "go";
let onPath: string;
let usual: string;

beforeEach(async () => {
  onPath = await mkdtemp(join(tmpdir(), "carrel-go-path-"));
  usual = await mkdtemp(join(tmpdir(), "carrel-go-usual-"));
});

afterEach(async () => {
  for (const folder of [onPath, usual]) await rm(folder, { recursive: true });
});

const install = async (folder: string): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, "");
  await chmod(path, 0o755);
  return path;
};

test("prefers the go in PATH to the one in the usual directory", async () => {
  const wanted = await install(onPath);
  await install(usual);
  expect(findGo(["", usual + "-nowhere", onPath].join(delimiter), [usual])).toBe(wanted);
});

test("looks in the usual folder when PATH has none", async () => {
  const wanted = await install(usual);
  expect(findGo(onPath, [usual])).toBe(wanted);
});

test("finds nothing where there is nothing", () => {
  expect(findGo(onPath, [usual])).toBeUndefined();
});
