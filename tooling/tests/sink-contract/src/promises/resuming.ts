import { sha256 } from "@carrel/test-kit";
import { expect, test } from "vitest";
import { contentOf } from "../content.ts";
import type { Place, PlaceKind } from "../place.ts";
import { fileName, Writer } from "../writer.ts";

/** Leaves so many bytes for a later run. */
async function leave(place: Place, bytes: number, contentVersion: string = "1"): Promise<void> {
  await using writer = await Writer.open(place.sink(), { contentVersion });
  await writer.write(contentOf(contentVersion, bytes));
  await writer.partial.keep();
}

/** What a later run uses again. */
export function testResuming({ create, unitBytes }: PlaceKind): void {
  const sizeBytes = 4 * unitBytes + 100;
  const positions = [1, unitBytes - 1, unitBytes, unitBytes + 1, 3 * unitBytes + 17, sizeBytes];

  test.each(positions)("what is kept after %d bytes is resumed but for the last piece", async (bytes) => {
    await using place = await create();
    await leave(place, bytes);
    expect((await place.visible()).size).toBe(0);
    {
      await using writer = await Writer.open(place.sink());
      expect(writer.partial.sizeBytes).toBeLessThanOrEqual(bytes);
      expect(writer.partial.sizeBytes).toBeGreaterThan(bytes - unitBytes);
      await writer.write(contentOf("1", sizeBytes));
      expect((await writer.finish()).hex).toBe(sha256(contentOf("1", sizeBytes)));
      await writer.claim.forget();
    }
    expect((await place.visible()).get(fileName)?.equals(contentOf("1", sizeBytes))).toBe(true);
    expect(await place.leftovers()).toEqual([]);
  });

  test("many runs in a row resume where the one before stopped", async () => {
    await using place = await create();
    for (let bytes = unitBytes; bytes < sizeBytes; bytes += unitBytes) await leave(place, bytes);
    await using writer = await Writer.open(place.sink());
    expect(writer.partial.sizeBytes).toBeGreaterThanOrEqual(3 * unitBytes);
    await writer.write(contentOf("1", sizeBytes));
    expect((await writer.finish()).hex).toBe(sha256(contentOf("1", sizeBytes)));
  });

  test("the validator is recorded with the bytes", async () => {
    await using place = await create();
    const validator = { etag: '"v-1"', lastModified: "Sat, 28 Nov 2026 03:00:00 GMT" };
    {
      await using writer = await Writer.open(place.sink());
      writer.partial.validator = validator;
      await writer.write(contentOf("1", 2 * unitBytes));
      await writer.partial.keep();
    }
    await using writer = await Writer.open(place.sink());
    expect(writer.partial.validator).toEqual(validator);
  });

  test("another content version, item, or run that does not resume starts over, and removes what was left", async () => {
    for (const other of [{ contentVersion: "2" }, { itemId: "item-2" }, { resume: false }]) {
      await using place = await create();
      await leave(place, 3 * unitBytes);
      {
        await using writer = await Writer.open(place.sink(), other);
        expect(writer.partial.sizeBytes).toBe(0);
        expect(writer.partial.validator).toBeUndefined();
        await writer.write(contentOf("2", unitBytes));
        await writer.finish();
        await writer.claim.forget();
      }
      expect((await place.visible()).get(fileName)?.equals(contentOf("2", unitBytes))).toBe(true);
      expect(await place.leftovers()).toEqual([]);
    }
  });

  test("fewer bytes are resumed where they may be all", async () => {
    await using place = await create();
    await leave(place, 2 * unitBytes);
    const asked: number[] = [];
    await using writer = await Writer.open(place.sink(), {
      mayBeAll: (bytes) => {
        asked.push(bytes);
        return bytes >= 2 * unitBytes;
      },
    });
    expect(asked.length).toBeGreaterThan(0);
    expect(writer.partial.sizeBytes).toBeLessThan(2 * unitBytes);
    await writer.write(contentOf("1", 2 * unitBytes));
    expect((await writer.finish()).hex).toBe(sha256(contentOf("1", 2 * unitBytes)));
  });

  test("what was kept can be read back, where the place can do that at all", async () => {
    await using place = await create();
    await leave(place, 2 * unitBytes);
    await using writer = await Writer.open(place.sink());
    const { readBack, sizeBytes: bytes } = writer.partial;
    if (readBack === undefined) return;
    const blocks: Uint8Array[] = [];
    for await (const block of readBack(bytes)) blocks.push(block);
    expect(Buffer.concat(blocks).equals(contentOf("1", bytes))).toBe(true);
  });

  test("an abort ends the opening with its reason, and what was left is resumed later", async () => {
    await using place = await create();
    await leave(place, 3 * unitBytes);
    const reason = new Error("enough");
    const abort = new AbortController();
    abort.abort(reason);
    await expect(Writer.open(place.sink(), { signal: abort.signal })).rejects.toBe(reason);
  });
}
