import { TransferError } from "@carrel/core";
import type { Replaceable } from "@carrel/node-stream/sink";
import { hexDigest, sha256 } from "@carrel/test-kit";
import { expect, test } from "vitest";
import { runChild } from "../child/run-child.ts";
import { contentOf } from "../content.ts";
import type { PlaceKind } from "../place.ts";
import { fileName, item, Writer } from "../writer.ts";

const conditions: readonly (readonly [Replaceable, "absent" | "same" | "other", boolean])[] = [
  ["nothing", "absent", true],
  ["nothing", "same", false],
  ["nothing", "other", false],
  ["same", "absent", true],
  ["same", "same", true],
  ["same", "other", false],
  ["anything", "absent", true],
  ["anything", "same", true],
  ["anything", "other", true],
];

/** What already has a name, and who else writes it. */
export function testExisting({ create, unitBytes }: PlaceKind): void {
  const { signal } = new AbortController();
  const content = contentOf("1", unitBytes + 7);
  const other = contentOf("other", unitBytes + 7);

  test.each(conditions)(
    "publish that may replace %s, where the file is %s: %s",
    async (replaces, existing, succeeds) => {
      await using place = await create();
      {
        await using writer = await Writer.open(place.sink());
        await writer.write(content);
        // Only now: the last moment is what counts.
        if (existing !== "absent") await place.put(fileName, existing === "same" ? content : other);
        const finished = writer.finish({ replaces });
        if (succeeds) await finished;
        else await expect(finished).rejects.toMatchObject({ code: "TRANSFER", problem: "exists" });
        if (succeeds) await writer.claim.forget();
        else await writer.partial.discard();
      }
      const expected = succeeds || existing === "same" ? content : other;
      expect((await place.visible()).get(fileName)?.equals(expected)).toBe(true);
      expect(await place.leftovers()).toEqual([]);
    },
  );

  test("an existing file is found, and its bytes are read and hashed", async () => {
    await using place = await create();
    await using sink = await place.sink().open(item);
    expect(await sink.hasObstacles()).toBe(false);
    await sink.create();
    expect(await sink.stat(fileName)).toBeUndefined();
    expect(await sink.openExisting(fileName)).toBeUndefined();
    await place.put(fileName, content);
    expect(await sink.hasObstacles()).toBe(false);
    await sink.assertNoObstacle(fileName);
    expect(await sink.stat(fileName)).toMatchObject({ sizeBytes: content.length });
    const opened = await sink.openExisting(fileName);
    expect(opened).toBeDefined();
    await using existing = opened!;
    expect(existing.location).toBe(sink.locationOf(fileName));
    expect(existing.sizeBytes).toBe(content.length);
    expect(await existing.has({ algorithm: "sha256", hex: sha256(content) }, signal)).toBe(true);
    expect(await existing.has({ algorithm: "sha256", hex: sha256(other) }, signal)).toBe(false);
    expect(await existing.digest("md5", signal)).toBe(hexDigest("md5", content));
    const part = { start: 100, bytes: 1_000, signal };
    expect(await existing.digestOf("sha1", part)).toBe(hexDigest("sha1", content.subarray(100, 1_100)));
    expect(Buffer.from(await existing.read(5, 10))).toEqual(content.subarray(5, 15));
    expect(Buffer.from(await existing.read(content.length - 3, 10))).toEqual(content.subarray(-3));
  });

  test("assertAbsent of a claim fails where a file has the name", async () => {
    await using place = await create();
    await using sink = await place.sink().open(item);
    await sink.create();
    await using claim = await sink.claim(fileName, signal);
    await claim.assertAbsent();
    await place.put(fileName, content);
    await expect(claim.assertAbsent()).rejects.toMatchObject({ code: "TRANSFER", problem: "exists" });
  });

  test("of two writers of one name with different bytes, one wins whole and the other fails", async () => {
    await using place = await create();
    const job = { recipe: place.recipe, name: fileName, contentVersion: "other", sizeBytes: 3 * unitBytes } as const;
    let claimed: Writer | undefined = await Writer.open(place.sink());
    const child = runChild({ ...job, stopAt: job.sizeBytes, ending: "publish" });
    try {
      await claimed.write(content);
      const lines = await Promise.race([child.end, child.until((line) => "published" in line).then(() => child.lines)]);
      const childWon = lines.some((line) => "published" in line);
      const own = claimed.finish();
      if (childWon) await expect(own).rejects.toBeInstanceOf(TransferError);
      else await own;
      const winner = childWon ? contentOf("other", job.sizeBytes) : content;
      expect((await place.visible()).get(fileName)?.equals(winner)).toBe(true);
    } finally {
      await claimed[Symbol.asyncDispose]();
      claimed = undefined;
      await child.end;
    }
  });
}
