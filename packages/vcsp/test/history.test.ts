import { randomUUID } from "node:crypto";
import { assert, asyncProperty, array, boolean, constantFrom, nat, option, record } from "fast-check";
import { tries } from "@carrel/test-kit";
import { expect, test } from "vitest";
import { publishLibrary } from "../src/index.ts";
import type { ContentItem } from "../src/index.ts";
import { contentItem, Killed, MemoryLibrary } from "./support/memory-library.ts";

/** An item of the history: a file that changes gets another path, as the mirror does it. */
interface Item {
  readonly id: string;
  readonly key: string;
  name: string;
  /** The number of the content in each path. */
  generation: number;
  readonly files: Map<string, string>;
}

const step = record({
  kind: constantFrom("add", "change", "addFile", "removeFile", "rename", "remove", "nothing", "renameLibrary"),
  pick: nat(),
  /** Before which write the run is killed. */
  killAt: option(nat({ max: 12 }), { freq: 2 }),
  sameSize: boolean(),
});

const names = ["a.ovf", "disk 1.vmdk", "b+c.iso", "größe.txt"];

class History {
  readonly library = new MemoryLibrary();
  readonly items: Item[] = [];
  libraryName = "first";
  kills = 0;
  #count = 0;

  async change({ kind, pick, sameSize }: { kind: string; pick: number; sameSize: boolean }): Promise<void> {
    const item = this.items[pick % Math.max(this.items.length, 1)];
    const name = names[pick % names.length] ?? "x";
    // A name that was given up and comes back within a second is not known to be another file.
    this.library.nowMs += 1_000 * (1 + (pick % 3));
    if (kind === "add") {
      const key = `item ${this.#count++}`;
      const added: Item = { id: randomUUID(), key, name: key, generation: 0, files: new Map() };
      this.items.push(added);
      this.#put(added, name, sameSize);
    } else if (kind === "renameLibrary") {
      this.libraryName = `name ${pick}`;
    } else if (item !== undefined) {
      const first = [...item.files.keys()][0] ?? name;
      if (kind === "change") this.#put(item, first, sameSize);
      if (kind === "addFile") this.#put(item, name, sameSize);
      if (kind === "removeFile") item.files.delete(first);
      if (kind === "rename") item.name = `${item.key} ${pick}`;
      if (kind === "remove") this.items.splice(this.items.indexOf(item), 1);
    }
  }

  async publish(killAt: number | null): Promise<void> {
    this.library.writesLeft = killAt ?? Infinity;
    try {
      await publishLibrary(this.library, this.contents(), {
        name: this.libraryName,
        now: () => new Date(this.library.nowMs),
      });
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      this.kills += 1;
    } finally {
      this.library.writesLeft = Infinity;
    }
  }

  contents(): readonly ContentItem[] {
    return this.items.map(({ id, key, name, files }) =>
      contentItem(this.library, key, { id, name, paths: [...files.values()] }),
    );
  }

  #put(item: Item, name: string, sameSize: boolean): void {
    item.generation += 1;
    const path = `${item.key}/${item.generation}/${name}`;
    const text = `${item.id} ${String(item.generation).padStart(9)}`;
    this.library.put(path, Buffer.from(sameSize ? text : text + "x".repeat(item.generation)));
    item.files.set(name, path);
  }
}

test("a strict subscriber is satisfied after every step of any history, wherever runs are killed", async () => {
  let [steps, kills] = [0, 0];
  await assert(
    asyncProperty(array(step, { minLength: 1, maxLength: 25 }), async (all) => {
      const history = new History();
      // One more after each step: what is seen first between two runs is kept as well.
      const subscribers = [history.library.subscriber()];
      for (const each of all) {
        await history.change(each);
        await history.publish(each.killAt);
        subscribers.push(history.library.subscriber());
        for (const subscriber of subscribers) await subscriber.sync();
        steps += 1;
      }
      await history.publish(null);
      for (const subscriber of subscribers) {
        await subscriber.sync();
        expect(subscriber.items.size).toBe(history.items.length);
        for (const { id, name, files } of history.items) {
          const item = subscriber.items.get(`urn:uuid:${id}`);
          expect(item?.name).toBe(name);
          expect([...(item?.files ?? [])].map(([file]) => file).toSorted()).toEqual([...files.keys()].toSorted());
          for (const [file, path] of files) expect(item?.files.get(file)).toBe(history.library.files.get(path)?.bytes);
        }
      }
      const { writes } = history.library;
      await history.publish(null);
      expect(history.library.writes).toBe(writes);
      kills += history.kills;
    }),
    { numRuns: tries(400, 10_000) },
  );
  expect(steps).toBeGreaterThan(kills);
  expect(kills).toBeGreaterThan(0);
});
