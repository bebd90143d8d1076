import type { SavedFile } from "@carrel/node-stream/sink";
import { sha256 } from "@carrel/test-kit";
import { expect, test } from "vitest";
import type { PlaceKind } from "../place.ts";
import { item } from "../writer.ts";

function saved(name: string, contentVersion: string = "1"): SavedFile {
  const digest = { algorithm: "sha256", hex: sha256(name + contentVersion) } as const;
  const verifiedAt = "2026-11-28T03:00:00.000Z";
  return { name, contentVersion, sizeBytes: 3, digest, verifiedBy: "checksum", verifiedAt };
}

/** What downloads record of the files that are there. */
export function testRecords({ create }: PlaceKind): void {
  const { signal } = new AbortController();

  test("saveFiles adds to what is recorded of an item, and replaces what it names", async () => {
    await using place = await create();
    await using sink = await place.sink().open(item);
    expect((await sink.savedFiles()).size).toBe(0);
    await sink.create();
    await sink.saveFiles({ name: "ubuntu", files: [saved("a"), saved("b")] }, signal);
    await sink.saveFiles({ name: "ubuntu", files: [saved("b", "2"), saved("c")] }, signal);
    await using later = await place.sink().open(item);
    expect(Object.fromEntries(await later.savedFiles())).toEqual({ a: saved("a"), b: saved("b", "2"), c: saved("c") });
    await using foreign = await place.sink().open({ ...item, itemId: "item-2" });
    expect((await foreign.savedFiles()).size).toBe(0);
    expect((await place.visible()).size).toBe(0);
    expect(await place.leftovers()).toEqual([]);
  });

  test("saveFiles of many downloads at once loses nothing", async () => {
    await using place = await create();
    await using first = await place.sink().open(item);
    await first.create();
    const names = Array.from({ length: 12 }, (_, index) => `file-${index}`);
    await Promise.all(
      names.map(async (name, index) => {
        await using sink = await place.sink().open({ ...item, itemId: `item-${index % 3}` });
        await sink.saveFiles({ files: [saved(name)] }, signal);
      }),
    );
    const all: string[] = [];
    for (const itemId of ["item-0", "item-1", "item-2"]) {
      await using sink = await place.sink().open({ ...item, itemId });
      all.push(...(await sink.savedFiles()).keys());
    }
    expect(all.toSorted()).toEqual(names.toSorted());
    expect(await place.leftovers()).toEqual([]);
  });
}
