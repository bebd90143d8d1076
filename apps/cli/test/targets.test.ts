import { describe, expect, test as plain } from "vitest";
import { parseLibraryPattern, parsePattern } from "../src/names/parse-target.ts";
import { test } from "./support/fixture.ts";
import { eventsOf } from "./support/mirrored.ts";
import { runCli } from "./support/run-cli.ts";

const files = [{ name: "a.iso", sizeBytes: 5_000 }];
const items = ["debian", String.raw`ends in \ `.trim(), "twin", "Twin"].map((name) => ({ name, type: "iso", files }));
const libraries = [{ name: "Images", items }] as never;

describe("paths", () => {
  plain.for([
    ["a/b", "a", "b", undefined],
    ["a/b/", "a", "b", undefined],
    ["a/b/*.vmdk", "a", "b", "*.vmdk"],
    [String.raw`a\/b/c`, "a/b", "c", undefined],
    [String.raw`a/b\/`, "a", "b/", undefined],
    [String.raw`a/b\\/c`, "a", "b\\", "c"],
    [String.raw`a/b\\/`, "a", "b\\", undefined],
    [String.raw`a/b` + "\\", "a", "b\\", undefined],
    [String.raw`a\\\/b/c`, String.raw`a\/b`, "c", undefined],
    [String.raw`a\b\\c/d`, String.raw`a\b\\c`, "d", undefined],
  ] as const)("%s", ([text, library, item, file]) => {
    expect(parsePattern(text)).toEqual({ library, item, ...(file === undefined ? {} : { file }) });
    expect(parsePattern(`/${text}`)).toEqual(parsePattern(text));
  });

  plain.for(["//a", "a//b", "a/b//", "a/b/c/d"])("%j is not a path", (text) => {
    expect(() => parsePattern(text)).toThrow(`"${text}" is not a path`);
  });

  plain.for([
    ["a/b/c.ova/d", "c.ova", "d"],
    ["a/b/*.OVA/*.ovf", "*.OVA", "*.ovf"],
    [String.raw`a/b/c.ova/d\/e`, "c.ova", "d/e"],
    ["a/b/c.ova/", "c.ova", undefined],
  ] as const)("%s leads into an archive, where a command takes that", ([text, file, member]) => {
    const inArchive = member === undefined ? {} : { member };
    expect(parsePattern(text, { members: true })).toEqual({ library: "a", item: "b", file, ...inArchive });
    if (member !== undefined) expect(() => parsePattern(text)).toThrow(`"${text}" is not a path`);
  });

  plain.for(["a/b/c/d", "a/b/c.ova/d/e", "a/b/c.ova//", "a/b/c.ova.txt/d"])("%j leads nowhere", (text) => {
    expect(() => parsePattern(text, { members: true })).toThrow(`"${text}" is not a path`);
  });

  plain("nothing and a slash mean all libraries, and name none", () => {
    for (const text of ["", "/"]) {
      expect(parsePattern(text)).toEqual({});
      expect(() => parseLibraryPattern(text)).toThrow("No library given");
    }
  });

  plain("a library, with a slash or without", () => {
    for (const text of ["a", "a/", "/a"]) expect(parsePattern(text)).toEqual({ library: "a" });
  });
});

test("a file in an archive is refused where a command does not take it", async () => {
  for (const command of ["get", "info", "sync"]) {
    const { exitCode, stderr } = await runCli([command, "T/photon/photon.ova/photon.ovf"]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("Only ls and cat take a file in an archive");
  }
});

test("a slash at the end means nothing, and a name may end in a backslash", async ({ simulate }) => {
  const { run } = await simulate({ libraries });
  for (const path of ["Images/debian/", String.raw`Images/ends in \\/`, String.raw`Images/ends in \\/a.iso`]) {
    const got = await run(["get", path, "--dry-run", "--json"]);
    expect(got).toMatchObject({ exitCode: 0, stderr: "" });
    expect(eventsOf(got.stdout)).toMatchObject([{ type: "planned", file: "a.iso" }]);
  }
  const listed = await run(["ls", "Images/debian/", "--json"]);
  expect(listed.stdout).toBe((await run(["ls", "Images/debian", "--json"])).stdout);
});

test("a backslash in place of a slash is pointed out", async ({ simulate }) => {
  const { run } = await simulate({ libraries });
  const { exitCode, stderr } = await run(["ls", String.raw`Images\debian`]);
  expect(exitCode).toBe(4);
  expect(stderr).toContain(String.raw`No library "Images\debian"`);
  expect(stderr).toContain(String.raw`Separate library, item and file with "/", not with "\".`);
});

test("an ambiguous name comes with the ids, for programs too", async ({ simulate, folder }) => {
  const { simulator, run } = await simulate({ libraries });
  const ids = ["twin", "Twin"].map((name) => simulator.inventory.item(`Images/${name}`).id);
  const { exitCode, stdout } = await run(["get", "Images/TWIN", "-o", folder, "--json"]);
  expect(exitCode).toBe(2);
  const [event] = eventsOf(stdout);
  expect(event).toMatchObject({ type: "error", error: { code: "USAGE", exitCode: 2 } });
  const { hints = [] } = (event?.["error"] ?? {}) as { readonly hints?: readonly string[] };
  expect(new Set(hints.map((hint) => hint.split(" ")[0]))).toEqual(new Set(ids));
});
