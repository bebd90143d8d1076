import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { StrictSubscriber } from "@carrel/test-kit";
import { DirectoryContent, DirectoryPlace, publishLibrary } from "@carrel/vcsp";
import { expect } from "vitest";
import { expectMirrored, filesIn, imageOf, test } from "./support/fixture.ts";

const libraries = [{ name: "Images", items: [imageOf("debian", "debian.iso"), imageOf("ubuntu", "a.vmdk", "b.vmdk")] }];

function subscribe(directory: string): StrictSubscriber {
  return new StrictSubscriber((href) => readFile(join(directory, decodeURIComponent(href))).catch(() => undefined));
}

async function namesIn(directory: string): Promise<readonly string[]> {
  return (await readdir(directory)).filter((name) => !name.startsWith(".carrel-mirror")).toSorted();
}

test("mirrorLibrary with publish publishes what is in place, and nothing where nothing changed", async ({
  simulate,
  directory,
}) => {
  const { simulator, mirror } = await simulate({ libraries });
  const { published } = await mirror({ publish: true });
  expect(published).toMatchObject({ name: "Images", version: 1, isChanged: true, unchanged: 0, leftOut: [] });
  expect(published?.changes.map(({ change, name }) => [change, name])).toEqual([
    ["added", "debian"],
    ["added", "ubuntu"],
  ]);
  const subscriber = subscribe(directory);
  await subscriber.sync();
  expect([...subscriber.items.keys()]).toEqual(
    simulator.inventory.library("Images").items.map(({ id }) => `urn:uuid:${id}`),
  );
  expect((await mirror({ publish: true })).published).toMatchObject({ version: 1, isChanged: false, unchanged: 2 });
  expect(await namesIn(directory)).toEqual(["debian", "items.json", "lib.json", "ubuntu"]);
});

test("mirrorLibrary puts another version of a published item into a directory of its own", async ({
  simulate,
  directory,
}) => {
  const { simulator, mirror } = await simulate({ libraries, report: { itemChecksum: true } });
  await mirror({ publish: true });
  simulator.inventory.item("Images/ubuntu").putFile({ name: "b.vmdk", sizeBytes: 40_000, seed: "another" });
  const version = simulator.inventory.item("Images/ubuntu").contentVersion;
  // It stays published without being asked for.
  expect((await mirror({ deleteAfterMs: 0 })).published).toMatchObject({
    version: 2,
    changes: [{ change: "changed", name: "ubuntu" }],
  });
  const names = ["debian", "items.json", "lib.json", "ubuntu", `ubuntu~v${version}`];
  expect(await namesIn(directory)).toEqual(names);
  await subscribe(directory).sync();
  await mirror({});
  expect(await namesIn(directory)).toEqual(names);
  await mirror({ deleteAfterMs: 0 });
  expect(await namesIn(directory)).toEqual(names.filter((name) => name !== "ubuntu"));
});

test("mirrorLibrary with publish refuses a library that cannot be read or is not of the mirror, and writes nothing", async ({
  simulate,
  directory,
}) => {
  const { mirror } = await simulate({ libraries });
  await writeFile(join(directory, "lib.json"), "{");
  await expect(mirror({ publish: true })).rejects.toMatchObject({ code: "VCSP", problem: "unreadable" });
  expect(await readdir(directory)).toEqual(["lib.json"]);
});

test("mirrorLibrary with publish takes over what another generator published from its directories", async ({
  simulate,
  directory,
}) => {
  const { simulator, mirror } = await simulate({ libraries });
  await mirror();
  await using content = await DirectoryContent.list(directory);
  const { library } = await publishLibrary(new DirectoryPlace(directory), content.items);
  const { published } = await mirror({ publish: { name: "From the lab" } });
  expect(published).toMatchObject({ id: library.id, version: 2, name: "From the lab" });
  const subscriber = subscribe(directory);
  await subscriber.sync();
  const ids = simulator.inventory.library("Images").items.map(({ id }) => `urn:uuid:${id}`);
  expect([...subscriber.items.keys()].toSorted()).toEqual(ids.toSorted());
  // The name is kept, and the directories are.
  expect((await mirror()).published).toMatchObject({ version: 2, isChanged: false, name: "From the lab" });
  expect(await namesIn(directory)).toEqual(["debian", "items.json", "lib.json", "ubuntu"]);
});

test("mirrorLibrary with publish refuses a library that has items of somebody else, and changes nothing", async ({
  simulate,
  directory,
}) => {
  const { mirror } = await simulate({ libraries });
  await mirror();
  await mkdir(join(directory, "theirs"));
  await writeFile(join(directory, "theirs", "a.iso"), "a");
  await using content = await DirectoryContent.list(directory);
  await publishLibrary(new DirectoryPlace(directory), content.items);
  const before = await filesIn(directory);
  const text = await readFile(join(directory, "lib.json"), "utf8");
  await expect(mirror({ publish: true })).rejects.toMatchObject({ problem: "other-items" });
  expect(await filesIn(directory)).toEqual(before);
  expect(await readFile(join(directory, "lib.json"), "utf8")).toBe(text);
});

test("mirrorLibrary with publish and delete withdraws an item at once, and deletes it later", async ({
  simulate,
  directory,
}) => {
  const { simulator, mirror } = await simulate({ libraries });
  await mirror({ publish: true });
  const subscriber = subscribe(directory);
  await subscriber.sync();
  simulator.inventory.item("Images/ubuntu").remove();
  // What is not to be deleted stays published.
  expect((await mirror()).published).toMatchObject({ isChanged: false });
  await expect(mirror({ delete: true, maxDelete: 0 })).rejects.toMatchObject({ problem: "too-many-deletions" });
  const { published, counts } = await mirror({ delete: true });
  expect(published?.changes).toMatchObject([{ change: "removed", name: "ubuntu" }]);
  expect(counts).toMatchObject({ deleted: 0, awaitingDeletion: 1 });
  await subscriber.sync();
  expect(subscriber.items.size).toBe(1);
  expect((await mirror({ delete: true })).counts).toMatchObject({ deleted: 0, awaitingDeletion: 1 });
  expect((await mirror({ delete: true, deleteAfterMs: 0 })).counts).toMatchObject({ deleted: 1, awaitingDeletion: 0 });
  expect(await namesIn(directory)).toEqual(["debian", "items.json", "lib.json"]);
});

test("mirrorLibrary with publish brings a damaged file back where it was", async ({ simulate, directory }) => {
  const { mirror } = await simulate({ libraries });
  await mirror({ publish: true });
  await writeFile(join(directory, "debian", "debian.iso"), "damaged");
  const { counts, published } = await mirror();
  expect(counts).toMatchObject({ incomplete: 1, unchanged: 1 });
  expect(published).toMatchObject({ isChanged: false });
  await subscribe(directory).sync();
  expect(await namesIn(directory)).toEqual(["debian", "items.json", "lib.json", "ubuntu"]);
});

test("mirrorLibrary does not publish an item whose files would be hidden or take the place of its description", async ({
  simulate,
  directory,
}) => {
  const { mirror } = await simulate({
    libraries: [{ name: "Images", items: [imageOf("debian", "debian.iso"), imageOf("notes", "item.json")] }],
  });
  const { published } = await mirror({ publish: true });
  expect(published?.leftOut).toMatchObject([{ item: "notes" }]);
  expect(published?.changes).toMatchObject([{ change: "added", name: "debian" }]);
  await subscribe(directory).sync();
});

test("mirrorLibrary with publish plans deletions by what subscribers may be reading", async ({ simulate }) => {
  const { simulator, mirror } = await simulate({ libraries });
  await mirror({ publish: true });
  simulator.inventory.item("Images/ubuntu").remove();
  const { plan } = await mirror({ delete: true, dryRun: true });
  expect(plan.deletions).toMatchObject([{ action: "kept", item: "ubuntu" }]);
});

test("mirrorLibrary with publish: false ends it: the library's files and earlier versions are deleted", async ({
  simulate,
  directory,
}) => {
  const { simulator, mirror } = await simulate({ libraries });
  await mirror({ publish: true });
  simulator.inventory.item("Images/ubuntu").putFile({ name: "b.vmdk", sizeBytes: 40_000, seed: "another" });
  await mirror();
  expect((await mirror({ publish: false })).published).toBeUndefined();
  // Directories have their own names again.
  await expectMirrored(directory, simulator);
  expect((await mirror()).published).toBeUndefined();
});

test("mirrorLibrary with dryRun says what a run then publishes, and writes nothing", async ({
  simulate,
  directory,
}) => {
  const items = ["a", "b", "c", "d"].map((name) => imageOf(name, `${name}.iso`));
  const { simulator, mirror } = await simulate({ libraries: [{ name: "Images", items }] });
  const options = { publish: { name: "Lab" }, delete: true } as const;
  const compareRuns = async (): Promise<readonly string[]> => {
    const before = await filesIn(directory);
    const { published: planned } = await mirror({ ...options, dryRun: true });
    expect(await filesIn(directory)).toEqual(before);
    const { published } = await mirror(options);
    // A new library has another id each time.
    expect({ ...planned, id: "" }).toEqual({ ...published, id: "" });
    expect(planned?.version === 1 || planned?.id === published?.id).toBe(true);
    return published?.changes.map(({ change, name, version }) => `${change} ${name} ${version}`) ?? [];
  };
  expect(await compareRuns()).toEqual(["added a 1", "added b 1", "added c 1", "added d 1"]);
  expect(await compareRuns()).toEqual([]);
  const library = simulator.inventory.library("Images");
  library.item("a").putFile({ name: "a.iso", sizeBytes: 40_000, seed: "another" });
  const { id } = library.item("b");
  library.item("b").remove();
  library.addItem({ ...imageOf("b", "b.iso"), id, name: "bb" });
  library.item("c").remove();
  library.addItem(imageOf("e", "e.iso"));
  await writeFile(join(directory, "d", "d.iso"), "");
  expect(await compareRuns()).toEqual(["changed a 2", "changed bb 2", "added e 1", "removed c 1"]);
});
