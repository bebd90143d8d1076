import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { createClient, passwordAuth } from "@carrel/core";
import { startSimulator } from "@carrel/simulator";
import type { FileSeed, InventoryItem, InventoryLibrary, Simulator } from "@carrel/simulator";
import { StrictSubscriber, tempDirectory, tries } from "@carrel/test-kit";
import { array, assert, asyncProperty, boolean, constantFrom, nat, option, record } from "fast-check";
import { expect, test } from "vitest";
import { mirrorLibrary } from "../src/index.ts";
import type { MirrorReport } from "../src/index.ts";
import { readRecords } from "../src/record/record.ts";
import { DiskRecords } from "../src/place/disk-records.ts";
import { KillableDisk } from "./support/killable-disk.ts";

const change = record({
  kind: constantFrom("add", "change", "addFile", "removeFile", "rename", "swap", "recreate", "remove", "nothing"),
  pick: nat({ max: 1_000 }),
  /** Before which change of the disk the run is killed. */
  killAt: option(nat({ max: 60 }), { freq: 2 }),
  deletes: boolean(),
});

interface Step {
  readonly kind: string;
  readonly pick: number;
}

const fileNames = ["a.ovf", "disk 1.vmdk", "b+c.iso", "größe.txt"];
const itemNames = ["debian", "photon 5", "größe~v2", "lib.json", "alpine+1"];

/** A library of a simulated vCenter that changes. */
class History {
  readonly library: InventoryLibrary;
  /** By the ids of items and names of files. */
  readonly #files = new Map<string, FileSeed>();
  #count = 0;

  constructor({ inventory }: Simulator) {
    this.library = inventory.library("Images");
  }

  add(name: string): void {
    const file = this.#file(fileNames[this.#count % fileNames.length] ?? "x");
    const item = this.library.addItem({ name, description: `number ${this.#count}`, files: [file] });
    this.#files.set(`${item.id}/${file.name}`, file);
  }

  change({ kind, pick }: Step): void {
    const { items } = this.library;
    const item = items[pick % items.length];
    const other = items[(pick + 1) % items.length];
    const unused = itemNames.filter((each) => items.every(({ name }) => name !== each));
    const free = unused[pick % Math.max(unused.length, 1)];
    if (kind === "add" && free !== undefined) this.add(free);
    if (item === undefined || other === undefined) return;
    const [first = "x"] = item.files.map(({ name }) => name);
    if (kind === "change") this.#put(item, first);
    if (kind === "addFile") this.#put(item, fileNames[pick % fileNames.length] ?? "x");
    if (kind === "removeFile" && item.files.length > 1) item.removeFile(first);
    if (kind === "rename" && free !== undefined) this.#rename(new Map([[item, free]]));
    if (kind === "swap" && other !== item)
      this.#rename(
        new Map([
          [item, other.name],
          [other, item.name],
        ]),
      );
    if (kind === "remove" && items.length > 1) item.remove();
    if (kind !== "recreate") return;
    item.remove();
    this.add(item.name);
  }

  #put(item: InventoryItem, name: string): void {
    const file = this.#file(name);
    item.putFile(file);
    this.#files.set(`${item.id}/${name}`, file);
  }

  #file(name: string): FileSeed {
    this.#count += 1;
    return { name, sizeBytes: 1_000 + (this.#count % 2), seed: `${this.#count}` };
  }

  /** Gives items other names and descriptions, as an administrator does: ids, files and content versions stay. */
  #rename(names: ReadonlyMap<InventoryItem, string>): void {
    const seeds = [...names].map(([item, name]) => {
      const { id, contentVersion } = item;
      const files = item.files
        .map((file) => this.#files.get(`${id}/${file.name}`))
        .filter((file) => file !== undefined);
      item.remove();
      return { seed: { id, name, description: `named ${name}`, files }, contentVersion };
    });
    for (const { seed, contentVersion } of seeds) {
      const item = this.library.addItem(seed);
      while (item.contentVersion !== contentVersion) item.putFile(seed.files[0] ?? this.#file("x"));
    }
  }
}

interface Reader {
  readonly subscriber: StrictSubscriber;
  /** Ends where the subscriber is dissatisfied. */
  readonly step: () => Promise<void>;
}

/** Reads what a web server would answer with. */
async function fetchFrom(directory: string, href: string): Promise<Uint8Array | undefined> {
  const path = decodeURIComponent(href);
  if (path.split("/").some((name) => name.startsWith("."))) return undefined;
  return await readFile(join(directory, path)).catch(() => undefined);
}

/** A subscriber that reads one file at each step, however much is changed in between. */
function slowReader(directory: string): Reader {
  let turn = Promise.withResolvers<void>();
  let waiting = Promise.withResolvers<void>();
  const subscriber = new StrictSubscriber(async (href) => {
    waiting.resolve();
    await turn.promise;
    return await fetchFrom(directory, href);
  });
  let failure: unknown;
  let isBusy = false;
  const step = async (): Promise<void> => {
    if (!isBusy) {
      isBusy = true;
      waiting = Promise.withResolvers();
      void subscriber
        .sync()
        .then(
          () => (isBusy = false),
          (error: unknown) => (failure = error),
        )
        .finally(() => waiting.resolve());
      await waiting.promise;
    }
    const before = turn;
    turn = Promise.withResolvers();
    waiting = Promise.withResolvers();
    before.resolve();
    await waiting.promise;
    if (failure !== undefined) throw failure;
  };
  return { subscriber, step };
}

test.for([
  ["at once, between all changes of the disk", false],
  ["one file between two changes of the disk, while runs replace and delete", true],
] as const)(
  "mirrorLibrary with publish satisfies a strict subscriber that reads %s, in any history, wherever runs are killed",
  { timeout: 600_000 },
  async ([, isSlow], { annotate }) => {
    let [steps, kills, changes, syncs] = [0, 0, 0, 0];
    const check = asyncProperty(array(change, { minLength: 1, maxLength: 8 }), async (all) => {
      await using directory = await tempDirectory();
      await using simulator = await startSimulator({ libraries: [{ name: "Images", items: [] }] });
      const history = new History(simulator);
      const auth = passwordAuth(simulator.credentials);
      await using client = createClient({ endpoint: simulator.url, auth });
      // A subscriber takes less than 24 hours, after which what is not published any more is deleted.
      const grace = isSlow ? {} : { deleteAfterMs: 0 };
      const mirror = (deletes: boolean): Promise<MirrorReport> =>
        mirrorLibrary(client, history.library.id, directory.path, { publish: true, delete: deletes, ...grace }).report;
      const fast = new StrictSubscriber((href) => fetchFrom(directory.path, href));
      const slow = slowReader(directory.path);
      let broken: unknown;
      const read = async (): Promise<void> => {
        syncs += 1;
        try {
          await (isSlow ? slow.step() : fast.sync());
        } catch (error) {
          broken ??= error;
        }
      };
      const run = async (deletes: boolean, killAt: number | null): Promise<void> => {
        using disk = new KillableDisk();
        disk.beforeChange = read;
        disk.changesLeft = killAt ?? Infinity;
        try {
          await mirror(deletes);
        } catch (error) {
          if (disk.changesLeft > 0) throw error;
          kills += 1;
        } finally {
          changes += disk.changes;
        }
        if (broken !== undefined) throw broken;
      };
      history.add("first");
      for (const each of all) {
        history.change(each);
        if (history.library.items.length > 0) await run(each.deletes, each.killAt);
        simulator.expireDownloadSessions();
        const other = new StrictSubscriber((href) => fetchFrom(directory.path, href));
        await other.sync();
        await fast.sync();
        steps += 1;
      }
      await run(true, null);
      for (const subscriber of [fast, new StrictSubscriber((href) => fetchFrom(directory.path, href))]) {
        await subscriber.sync();
        await expectSubscribed(subscriber, history.library);
      }
      // What is left is deleted by the next run, and otherwise it does nothing.
      const again = await mirror(true);
      expect(again.published).toMatchObject({ isChanged: false, changes: [] });
      if (!isSlow) await expectNothingElse(directory.path, history.library);
    });
    await assert(check, { numRuns: tries(8, 500), endOnFailure: true });
    await annotate(`${steps} steps, ${changes} changes of the disk, ${kills} runs killed, ${syncs} readings`);
    expect(kills).toBeGreaterThan(0);
  },
);

/** Checks that a subscriber has the library, byte for byte. */
async function expectSubscribed({ items }: StrictSubscriber, library: InventoryLibrary): Promise<void> {
  expect([...items.keys()].toSorted()).toEqual(library.items.map(({ id }) => `urn:uuid:${id}`).toSorted());
  for (const { id, name, files } of library.items) {
    const item = items.get(`urn:uuid:${id}`);
    expect(item?.name).toBe(name);
    expect([...(item?.files ?? [])].map(([file]) => file).toSorted()).toEqual(
      files.map((file) => file.name).toSorted(),
    );
    for (const file of files)
      expect(Buffer.from(item?.files.get(file.name) ?? []).equals(await file.bytes())).toBe(true);
  }
}

/** Checks that nothing of earlier versions is left, in the directory or in the records. */
async function expectNothingElse(directory: string, library: InventoryLibrary): Promise<void> {
  const { items = [] } = (await readRecords(new DiskRecords(directory))) ?? {};
  expect(items.map(({ id }) => id).toSorted()).toEqual(library.items.map(({ id }) => id).toSorted());
  expect(items.flatMap(({ spares = [] }) => spares)).toEqual([]);
  const names = (await readdir(directory)).filter((name) => !name.startsWith(".carrel-mirror"));
  expect(names.toSorted()).toEqual([...items.map((item) => item.directory), "items.json", "lib.json"].toSorted());
}
