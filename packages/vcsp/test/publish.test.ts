import { assert, property, string } from "fast-check";
import { describe, expect, test } from "vitest";
import { publishLibrary } from "../src/index.ts";
import { hrefOf, isServablePath, pathOfHref } from "../src/href.ts";
import { contentItem, MemoryLibrary } from "./support/memory-library.ts";

const id = "6f1c2b3a-0d4e-4f5a-8b6c-7d8e9fa0b1c2";
const libraryId = "01234567-89ab-4cde-8f01-23456789abcd";
const now = (): Date => new Date("2026-11-28T12:00:59Z");

function json(library: MemoryLibrary, path: string): unknown {
  return JSON.parse(Buffer.from(library.files.get(path)?.bytes ?? []).toString());
}

function put(library: MemoryLibrary, path: string, value: unknown): void {
  library.put(path, Buffer.from(typeof value === "string" ? value : JSON.stringify(value)));
}

test("publishLibrary writes the three files as the format has them", async () => {
  const library = new MemoryLibrary();
  library.put("photon 5/photon+5.ovf", Buffer.from("<Envelope/>"));
  const item = contentItem(library, "photon 5", {
    id,
    paths: ["photon 5/photon+5.ovf"],
    description: "hardened",
    createdAt: new Date("2026-01-31T03:00:30Z"),
    isVapp: async () => true,
  });
  const report = await publishLibrary(library, [item], { name: "Templates", now });
  const published = json(library, "lib.json") as { readonly id: string };
  expect(published).toEqual({
    vcspVersion: "2",
    version: "1",
    contentVersion: "1",
    name: "Templates",
    id: `urn:uuid:${report.library.id}`,
    created: "2026-11-28T12:00Z",
    capabilities: { transferIn: ["httpGet"], transferOut: ["httpGet"] },
    itemsHref: "items.json",
  });
  const { metadata, ...members } = json(library, "photon 5/item.json") as {
    readonly metadata: readonly { value: string }[];
  };
  expect(members).toEqual({
    created: "2026-01-31T03:00Z",
    description: "hardened",
    version: "1",
    files: [
      {
        name: "photon+5.ovf",
        size: 11,
        etag: item.files[0]?.digest?.hex,
        generationNum: Date.parse("2026-11-28T12:00:00Z") / 1_000,
        hrefs: ["photon%205/photon%2B5.ovf"],
      },
    ],
    id: `urn:uuid:${id}`,
    name: "photon 5",
    properties: {},
    selfHref: "photon%205/item.json",
    type: "vcsp.ovf",
  });
  expect(metadata).toMatchObject([{ key: "type-metadata", type: "String", domain: "SYSTEM", visibility: "READONLY" }]);
  expect(JSON.parse(metadata[0]?.value ?? "")).toEqual({
    id: `urn:uuid:${id}`,
    version: "1",
    libraryIdParent: published.id,
    isVappTemplate: "true",
    vmTemplate: null,
    vappTemplate: null,
    networks: [],
    storagePolicyGroups: null,
  });
  expect(json(library, "items.json")).toEqual({ items: [json(library, "photon 5/item.json")] });
  expect([...library.files.keys()].toSorted()).toEqual([
    "items.json",
    "lib.json",
    "photon 5/item.json",
    "photon 5/photon+5.ovf",
  ]);
});

test("publishLibrary with dryRun reports, and writes nothing", async () => {
  const library = new MemoryLibrary();
  library.put("a/a.iso", Buffer.from("x"));
  const report = await publishLibrary(library, [contentItem(library, "a", { paths: ["a/a.iso"] })], { dryRun: true });
  expect(report).toMatchObject({ isChanged: true, items: [{ change: "added", name: "a", version: 1 }] });
  expect(library.writes).toBe(0);
});

describe("publishLibrary adopts", () => {
  /** As the generators of 2018 and 2022 write a directory: no generation, and an etag that is a digest of the whole directory. */
  function generated(library: MemoryLibrary, file: Record<string, unknown>): void {
    library.put("debian/debian 13.iso", Buffer.from("iso"));
    const item = {
      created: "2024-01-01T00:00Z",
      description: "by hand",
      version: "7",
      files: [{ name: "debian 13.iso", size: 3, hrefs: ["debian/debian%2013.iso"], ...file }],
      id: `urn:uuid:${id}`,
      name: "debian",
      properties: {},
      selfHref: "debian/item.json",
      type: "vcsp.iso",
    };
    const lib = {
      vcspVersion: "2",
      version: "12",
      contentVersion: "1",
      name: "ISOs",
      id: `urn:uuid:${libraryId}`,
      created: "2024-01-01T00:00Z",
      capabilities: { transferIn: ["httpGet"], transferOut: ["httpGet"] },
      itemsHref: "items.json",
    };
    library.nowMs += 60_000;
    put(library, "lib.json", lib);
    put(library, "items.json", { items: [item] });
    put(library, "debian/item.json", item);
  }

  test.for([
    ["an empty etag", { etag: "" }],
    ["the digest of the directory", { etag: "0123456789abcdef0123456789abcdef" }],
    ["a store's etag and a generation", { etag: "abc-5", generationNum: Date.parse("2026-11-28T12:00:00Z") / 1_000 }],
  ] as const)("what a generator wrote with %s, with ids and versions", async ([, file]) => {
    const library = new MemoryLibrary();
    generated(library, file);
    const before = library.files.get("lib.json");
    const content = contentItem(library, "debian", { paths: ["debian/debian 13.iso"], knowsDigest: false });
    const report = await publishLibrary(library, [content], { now });
    expect(report).toMatchObject({
      isChanged: false,
      library: { id: libraryId, version: 12, name: "ISOs" },
      items: [{ change: "unchanged", id, version: 7 }],
    });
    expect(library.files.get("lib.json")).toBe(before);
    // Without a generation, vCenter reads the etag as a number.
    const [item] = (json(library, "items.json") as { readonly items: readonly Record<string, unknown>[] }).items;
    expect(item).toMatchObject({
      version: "7",
      description: "by hand",
      files: [{ ...file, generationNum: Date.parse("2026-11-28T12:00:00Z") / 1_000 }],
    });
    const { writes } = library;
    await publishLibrary(library, [content], { now });
    expect(library.writes).toBe(writes);
  });

  test("a change to it, with the next versions", async () => {
    const library = new MemoryLibrary();
    generated(library, { etag: "" });
    library.nowMs += 60_000;
    library.put("debian/debian 13.iso", Buffer.from("new"));
    const content = contentItem(library, "debian", { paths: ["debian/debian 13.iso"], knowsDigest: false });
    const report = await publishLibrary(library, [content], { now });
    expect(report).toMatchObject({ library: { version: 13 }, items: [{ change: "changed", id, version: 8 }] });
  });

  test("a renamed directory by the item.json in it, and gives a copied one an id of its own", async () => {
    const library = new MemoryLibrary();
    generated(library, { etag: "" });
    for (const directory of ["other", "copy"]) {
      library.put(`${directory}/debian 13.iso`, Buffer.from("iso"));
      library.put(`${directory}/item.json`, library.files.get("debian/item.json")!.bytes);
    }
    const contents = ["other", "copy"].map((directory) =>
      contentItem(library, directory, { paths: [`${directory}/debian 13.iso`] }),
    );
    const { items } = await publishLibrary(library, contents, { now });
    expect(items.map((item) => [item.directory, item.id === id, item.version])).toEqual([
      ["other", true, 8],
      ["copy", false, 1],
    ]);
  });
});

test.for([
  ["lib.json", "<html>", '"lib.json": it is not a JSON object'],
  ["lib.json", { vcspVersion: "1" }, '"lib.json": "vcspVersion" is "1", expected "2"'],
  ["lib.json", { vcspVersion: "2", id: "urn:uuid:x", name: "x", version: "1" }, '"id" "urn:uuid:x" is not a UUID'],
  ["items.json", "[]", '"items.json": it is not a JSON object'],
  ["items.json", { items: {} }, '"items.json": "items" is not a list'],
  [
    "items.json",
    { items: [{ files: [], selfHref: "../x/item.json" }] },
    'items[0]: "selfHref" "../x/item.json" leads to no',
  ],
  [
    "items.json",
    {
      items: [
        {
          id: `urn:uuid:${id}`,
          name: "a",
          type: "x",
          version: "1",
          files: [{ hrefs: ["/etc/passwd"] }],
          selfHref: "a/item.json",
        },
      ],
    },
    "files[0]",
  ],
] as const)(
  "publishLibrary refuses a %s of somebody else that it cannot read (%j), and writes nothing",
  async ([path, value, message]) => {
    const library = new MemoryLibrary();
    if (path !== "lib.json") {
      put(library, "lib.json", { vcspVersion: "2", id: `urn:uuid:${libraryId}`, name: "x", version: "3" });
    }
    put(library, path, value);
    const before = [...library.files];
    library.put("a/a.iso", Buffer.from("x"));
    const content = contentItem(library, "a", { paths: ["a/a.iso"] });
    const failed = await publishLibrary(library, [content]).catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: "VCSP", problem: "unreadable", path });
    expect((failed as Error).message).toContain(message);
    expect([...library.files].slice(0, before.length)).toEqual(before);
    expect(library.writes).toBe(0);
  },
);

test("publishLibrary refuses paths that cannot be served, and two items in one place", async () => {
  const library = new MemoryLibrary();
  for (const path of [".hidden/a.iso", "a/.a.iso", "../a.iso", "a//b.iso"]) {
    library.put(path, Buffer.from("x"));
    const content = contentItem(library, "a", { paths: [path] });
    await expect(publishLibrary(library, [content])).rejects.toMatchObject({ problem: "unsafe-path", path });
  }
  const twice = [contentItem(library, "a", { paths: [] }), contentItem(library, "a", { paths: [] })];
  await expect(publishLibrary(library, twice)).rejects.toMatchObject({ problem: "duplicate" });
  const sameId = ["a", "b"].map((directory, index) =>
    contentItem(library, directory, { id: index === 0 ? id : id.toUpperCase(), paths: [] }),
  );
  await expect(publishLibrary(library, sameId)).rejects.toMatchObject({ problem: "duplicate" });
  const noId = [contentItem(library, "a", { id: "item-1", paths: [] })];
  await expect(publishLibrary(library, noId)).rejects.toThrow(TypeError);
  expect(library.writes).toBe(0);
});

test("a path that can be served is a reference that leads back to it, whatever its characters", () => {
  assert(
    property(string({ unit: "binary", maxLength: 12 }), (name) => {
      const path = `folder/${name}`;
      if (!isServablePath(path)) return;
      const href = hrefOf(path);
      expect(href).toMatch(/^[\w.~%/-]+$/u);
      expect(pathOfHref(href)).toBe(path);
    }),
    { numRuns: 100 },
  );
});

test.for(["http://x/y", "//x/y", "/x", "a/../b", "a/%2e%2e/b", "a/%2Fetc", "a?b", "a#b", "", "a//b", "a\\b", "a/%00"])(
  "the reference %j leads nowhere",
  (href) => {
    expect(pathOfHref(href)).toBeUndefined();
  },
);

test("a reference that is not encoded is read as it stands", () => {
  expect(pathOfHref("folder/100% sure.iso")).toBe("folder/100% sure.iso");
  expect(pathOfHref("./folder/a b.iso")).toBe("folder/a b.iso");
});
