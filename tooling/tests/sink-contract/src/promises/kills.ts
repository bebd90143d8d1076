import { setTimeout } from "node:timers/promises";
import { sha256, tries, until } from "@carrel/test-kit";
import { expect, test } from "vitest";
import { runChild } from "../child/run-child.ts";
import { contentOf } from "../content.ts";
import type { Place, PlaceKind } from "../place.ts";
import { fileName, Writer } from "../writer.ts";

/** Finishes what killed processes left, and returns where it began. */
async function finish(place: Place, sizeBytes: number): Promise<number> {
  const content = contentOf("1", sizeBytes);
  let resumedAt: number;
  {
    await using writer = await Writer.open(place.sink());
    resumedAt = writer.partial.sizeBytes;
    await writer.write(content);
    expect((await writer.finish()).hex).toBe(sha256(content));
    await writer.claim.forget();
  }
  expect((await place.visible()).get(fileName)?.equals(content)).toBe(true);
  expect(await place.leftovers()).toEqual([]);
  return resumedAt;
}

/** What survives `kill -9`. */
export function testKills({ create, unitBytes }: PlaceKind): void {
  const sizeBytes = 6 * unitBytes;
  const positions = [0, 1, unitBytes - 1, 2 * unitBytes, 3 * unitBytes + unitBytes / 2, 5 * unitBytes - 1];

  test.each(positions)(
    "a process killed after %d bytes leaves what was recorded, and nothing visible",
    async (stopAt) => {
      await using place = await create();
      const job = { recipe: place.recipe, name: fileName, contentVersion: "1", sizeBytes, ending: "trickle" } as const;
      const child = runChild({ ...job, stopAt });
      await child.until((line) => "at" in line);
      await until(async () => (await place.recordedBytes(fileName)) >= stopAt - unitBytes);
      child.process.kill("SIGKILL");
      await child.end;
      const recordedBytes = await place.recordedBytes(fileName);
      expect((await place.visible()).size).toBe(0);
      expect(await finish(place, sizeBytes)).toBe(recordedBytes);
    },
  );

  const rounds = tries(2, 15);
  test(`${rounds} files whose processes are killed at any moment are whole or not there`, async ({ annotate }) => {
    let kills = 0;
    for (let round = 0; round < rounds; round++) {
      await using place = await create();
      const job = { recipe: place.recipe, name: fileName, contentVersion: "1", sizeBytes, stopAt: sizeBytes } as const;
      for (let tried = 0; tried < 3; tried++) {
        const child = runChild({ ...job, ending: "publish" });
        await child.until((line) => "resumedAt" in line);
        await setTimeout(Math.random() * 60);
        if (child.process.kill("SIGKILL")) kills += 1;
        await child.end;
        const bytes = (await place.visible()).get(fileName);
        expect(bytes === undefined || bytes.equals(contentOf("1", sizeBytes))).toBe(true);
      }
      await finish(place, sizeBytes);
    }
    await annotate(`${rounds} files, ${kills} kills`);
  }, 600_000);

  test("a process killed after it published leaves a verdict that the next run reads", async () => {
    await using place = await create();
    const content = contentOf("1", unitBytes + 3);
    {
      await using writer = await Writer.open(place.sink());
      await writer.write(content);
      await writer.finish({ isRecognizable: false });
    }
    await using sink = await place.sink().open({ origin: "https://vcenter.test", itemId: "item-1" });
    await using claim = await sink.claim(fileName, new AbortController().signal);
    expect(await claim.readVerdict("1")).toMatchObject({
      bytes: content.length,
      digest: { algorithm: "sha256", hex: sha256(content) },
      verifiedBy: "length",
    });
    expect(await claim.readVerdict("2")).toBeUndefined();
    await claim.forget();
    expect(await claim.readVerdict("1")).toBeUndefined();
  });
}
