import { readdir, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { DurableDirectory } from "../../src/files/durable-rename.ts";
import { tempDirectory } from "@carrel/test-kit";

test("DurableDirectory renames many files at once, and replaces files that exist", async () => {
  await using folder = await tempDirectory();
  const names = Array.from({ length: 50 }, (_, index) => `${index}.iso`);
  await Promise.all(names.map((name) => writeFile(folder.join(`${name}.part`), name)));
  await writeFile(folder.join("7.iso"), "old");
  const durable = new DurableDirectory(folder.path);
  await Promise.all(names.map((name) => durable.rename(folder.join(`${name}.part`), folder.join(name))));
  expect((await readdir(folder.path)).toSorted()).toEqual(names.toSorted());
});

test("DurableDirectory rejects only the rename that failed", async () => {
  await using folder = await tempDirectory();
  await writeFile(folder.join("a.part"), "a");
  const durable = new DurableDirectory(folder.path);
  const [a, b] = await Promise.allSettled([
    durable.rename(folder.join("a.part"), folder.join("a")),
    durable.rename(folder.join("b.part"), folder.join("b")),
  ]);
  expect(a).toMatchObject({ status: "fulfilled" });
  expect(b).toMatchObject({ status: "rejected", reason: { code: "ENOENT" } });
  await writeFile(folder.join("b.part"), "b");
  await durable.rename(folder.join("b.part"), folder.join("b"));
  expect((await readdir(folder.path)).toSorted()).toEqual(["a", "b"]);
});
