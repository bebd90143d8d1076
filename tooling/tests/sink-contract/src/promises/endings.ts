import { readdir } from "node:fs/promises";
import { hexDigest, sha256 } from "@carrel/test-kit";
import { expect, test } from "vitest";
import { runChild } from "../child/run-child.ts";
import { contentOf } from "../content.ts";
import type { PlaceKind } from "../place.ts";
import { fileName, Writer } from "../writer.ts";

/** Names that mean something to a URL, a shell or a file system, and that a library may have. */
const oddNames = [
  "a b.iso",
  "100%25.iso",
  "c#d?e&f=g+h.iso",
  "größe-日本.iso",
  "~tilde!$'(),;@[]^{}.iso",
  "x".repeat(200),
];

/** How a file ends: published, discarded, kept, or just closed. */
export function testEndings({ create, limitTo, unitBytes }: PlaceKind): void {
  const { signal } = new AbortController();
  const sizes = [0, 1, unitBytes - 1, unitBytes, 2 * unitBytes + 17];

  test.each(sizes)("publish shows all of a file of %d bytes at once, and nothing before", async (bytes) => {
    await using place = await create();
    const content = contentOf("1", bytes);
    {
      await using writer = await Writer.open(place.sink());
      expect(writer.partial.sizeBytes).toBe(0);
      await writer.write(content);
      expect(writer.partial.sizeBytes).toBe(bytes);
      expect((await place.visible()).size).toBe(0);
      expect(await writer.finish()).toEqual({ algorithm: "sha256", hex: sha256(content) });
      expect([...(await place.visible()).keys()]).toEqual([fileName]);
      await writer.claim.forget();
    }
    expect((await place.visible()).get(fileName)?.equals(content)).toBe(true);
    expect(await place.leftovers()).toEqual([]);
  });

  test("digest knows every algorithm that was named, and the first costs nothing more", async () => {
    await using place = await create();
    const content = contentOf("1", unitBytes + 5);
    await using writer = await Writer.open(place.sink(), { algorithms: ["sha1", "sha256", "md5", "sha512"] });
    await writer.write(content);
    await writer.partial.flush();
    expect(writer.partial.algorithm).toBe("sha1");
    expect(await writer.partial.complete(signal)).toEqual({ algorithm: "sha1", hex: hexDigest("sha1", content) });
    for (const algorithm of ["sha1", "sha256", "md5", "sha512"] as const) {
      expect(await writer.partial.digest(algorithm, signal)).toBe(hexDigest(algorithm, content));
    }
    await writer.partial.discard();
  });

  test("discard leaves nothing, of a file with bytes and of one without, also after complete", async () => {
    await using place = await create();
    for (const bytes of [0, 100, 2 * unitBytes + 1]) {
      await using writer = await Writer.open(place.sink());
      await writer.write(contentOf("wrong", bytes));
      await writer.partial.flush();
      await writer.partial.complete(signal);
      await writer.partial.discard();
    }
    expect((await place.visible()).size).toBe(0);
    expect(await place.leftovers()).toEqual([]);
  });

  test("keep of a file without bytes leaves nothing", async () => {
    await using place = await create();
    {
      await using writer = await Writer.open(place.sink());
      await writer.partial.keep();
    }
    expect(await place.leftovers()).toEqual([]);
  });

  test("a file that is closed without an ending is not visible, and the next run can discard it", async () => {
    await using place = await create();
    {
      await using writer = await Writer.open(place.sink());
      await writer.write(contentOf("1", 2 * unitBytes));
    }
    expect((await place.visible()).size).toBe(0);
    {
      await using writer = await Writer.open(place.sink(), { resume: false });
      expect(writer.partial.sizeBytes).toBe(0);
      await writer.partial.discard();
    }
    expect(await place.leftovers()).toEqual([]);
  });

  test.each(oddNames)("a file called %j gets exactly that name", async (name) => {
    await using place = await create();
    const content = contentOf(name, 1_000);
    {
      await using writer = await Writer.open(place.sink(), { name });
      await writer.write(content);
      await writer.finish();
      await writer.claim.forget();
    }
    const visible = await place.visible();
    expect([...visible.keys()]).toEqual([name]);
    expect(visible.get(name)?.equals(content)).toBe(true);
    expect(await place.leftovers()).toEqual([]);
  });

  test.runIf(limitTo !== undefined)("a full place ends a file with an error, and what it took is resumed", async () => {
    await using place = await create();
    const sizeBytes = 4 * unitBytes;
    const job = { recipe: place.recipe, name: fileName, contentVersion: "1", sizeBytes, stopAt: sizeBytes } as const;
    const lines = await runChild({ ...job, ending: "publish" }, limitTo?.(2 * unitBytes)).end;
    expect(lines).toContainEqual({ failed: expect.any(String) as string });
    expect((await place.visible()).size).toBe(0);
    {
      await using writer = await Writer.open(place.sink());
      expect(writer.partial.sizeBytes).toBeGreaterThanOrEqual(unitBytes);
      await writer.write(contentOf("1", sizeBytes));
      await writer.finish();
      await writer.claim.forget();
    }
    expect((await place.visible()).get(fileName)?.equals(contentOf("1", sizeBytes))).toBe(true);
    expect(await place.leftovers()).toEqual([]);
  });

  test.runIf(process.platform === "linux")("closing leaves no descriptor open, whatever the ending", async () => {
    await using place = await create();
    const endings = ["finish", "keep", "discard", "none"] as const;
    const cycle = async (): Promise<void> => {
      for (const ending of endings) {
        await using writer = await Writer.open(place.sink(), { name: `${ending}.iso` });
        await writer.write(contentOf("1", unitBytes + 1));
        if (ending === "finish") await writer.finish();
        else if (ending !== "none") await writer.partial[ending]();
      }
    };
    const open = async (): Promise<number> => (await readdir("/proc/self/fd")).length;
    // What is made once, such as sockets that are kept alive.
    await cycle();
    const before = await open();
    for (let round = 0; round < 5; round++) await cycle();
    await expect.poll(open).toBeLessThanOrEqual(before);
  });
}
