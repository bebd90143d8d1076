import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const versionIn = async (module: string): Promise<string | undefined> => {
  const text = await readFile(fileURLToPath(new URL(`../../${module}/go.mod`, import.meta.url)), "utf8");
  return /github\.com\/vmware\/govmomi (v\S+)/.exec(text)?.[1];
};

test("the client and vcsim are of the same govmomi", async () => {
  expect(await versionIn("govmomi")).toMatch(/^v\d/);
  expect(await versionIn("govmomi")).toBe(await versionIn("vcsim"));
});
