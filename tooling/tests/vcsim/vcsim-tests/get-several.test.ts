// `carrel get` of several items, of some of their files, and to where people want them, against vcsim.
import { execFile } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { buffer, text } from "node:stream/consumers";
import { promisify } from "node:util";
import { sha256OfFile } from "@carrel/test-kit";
import { describe, expect } from "vitest";
import { sha256Of } from "../src/index.ts";
import { expectNothingLeft, test } from "./fixture.ts";
import { jsonLines } from "./json-lines.ts";
import { startCarrel } from "./run-carrel.ts";

const filesIn = async (folder: string): Promise<readonly string[]> =>
  (await readdir(folder, { recursive: true }))
    .filter((path) => /\.\w+$/u.test(path) && !path.endsWith(".carrel.json"))
    .toSorted();

const all = [
  join("ubuntu-24", "small.txt"),
  join("ubuntu-24", "ubuntu.iso"),
  join("ubuntu-26", "empty.nvram"),
  join("ubuntu-26", "large.iso"),
  join("ubuntu-26", "small.txt"),
];

describe("several items", () => {
  test.for([[["Images/ubuntu-26", "Images/ubuntu-24"]], [["Images/ubuntu-*"]]] as const)(
    "%j: a folder each, and digests that sha256sum agrees with",
    async ([targets], { content, folder, run }) => {
      const sums = join(folder, "SHA256SUMS");
      const out = join(folder, "out");
      const { exitCode, stdout, stderr } = await run(["get", ...targets, "-o", out, "--checksum", sums]);
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
      expect(await filesIn(out)).toEqual(all);
      expect(stdout).toMatch(/^5 files of 2 items, .* \([\d.]+ \w+\/s\), /mu);
      expect(stdout).toContain(`Saved to ${out}, in a directory per item\n`);
      for (const { item, files } of [content.images, content.older]) {
        for (const { name } of files) expect(stdout).toContain(`  ${item}/${name}\n`);
        for (const { name, sha256 } of files) expect(await sha256OfFile(join(out, item, name))).toBe(sha256);
      }
      const check = await promisify(execFile)("sha256sum", ["--check", "--strict", sums], { cwd: folder });
      expect(check.stdout.trimEnd().split("\n").toSorted()).toEqual(all.map((path) => `out/${path}: OK`));
    },
  );

  test("of which some lack the files that are wanted", async ({ folder, run }) => {
    const { exitCode, stderr } = await run(["get", "Images/*/*.iso", "-o", folder]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(await filesIn(folder)).toEqual(all.filter((path) => path.endsWith(".iso")));
    const none = await run(["get", "Images/*/*.ova", "-o", folder]);
    expect(none).toMatchObject({ exitCode: 4, stdout: "" });
    expect(none.stderr).toContain('3 items found, but no file that matches "*.ova"\n');
  });

  test("of which one was named wrongly: nothing is begun", async ({ content, folder, run }) => {
    const { exitCode, stdout, stderr } = await run(["get", "Images/ubuntu-26", "Images/ubuntu-24/*.ova", "-o", folder]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 4, stdout: "" });
    const names = content.older.files.map(({ name }) => name).join(", ");
    expect(stderr).toBe(`carrel: Item "ubuntu-24" has no file that matches "*.ova"\n  It has: ${names}\n`);
    expect(await filesIn(folder)).toEqual([]);
  });

  test("as JSON", async ({ content, folder, run }) => {
    const { exitCode, stdout, stderr } = await run(["get", "Images/ubuntu-*", "-o", folder, "--json"]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    for (const { item, itemId, files } of [content.images, content.older]) {
      const events = jsonLines(stdout).filter((event) => event["itemId"] === itemId);
      for (const event of events) expect(event).toMatchObject({ item });
      const [first] = events;
      expect(first).toMatchObject({ type: "session", itemId, session: { contentVersion: 1 } });
      const verified = events.flatMap(({ type, file, sizeBytes }) =>
        type === "finished" ? [{ file, sizeBytes }] : [],
      );
      expect(new Set(verified)).toEqual(new Set(files.map(({ name, sizeBytes }) => ({ file: name, sizeBytes }))));
      const receivedBytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
      expect(events.at(-1)).toMatchObject({ type: "done", files: files.length, receivedBytes });
    }
  });
});

test("an item that is named twice is one: what both name of it goes into one folder", async ({
  content,
  folder,
  run,
}) => {
  const args = ["get", "Images/ubuntu-26/*.iso", `Images/${content.images.itemId}/small.txt`, "-o", folder];
  expect(await run(args)).toMatchObject({ exitCode: 0, stderr: "" });
  expect(await filesIn(folder)).toEqual(["large.iso", "small.txt"]);
});

test("an item without files is an empty folder", async ({ content, folder, run }) => {
  expect(await run(["get", `Images/${content.nothing.item}`, "-o", join(folder, "out")])).toEqual({
    exitCode: 0,
    stdout: "No files.\n",
    stderr: "",
  });
  expect(await readdir(folder)).toEqual(["out"]);
});

describe("-o -", () => {
  test("writes the bytes of one file and nothing else", async ({ vcsim, content }) => {
    for (const { name, sizeBytes, sha256 } of content.images.files) {
      const child = startCarrel(vcsim, ["get", `Images/ubuntu-26/${name}`, "-o", "-"]);
      const ended = once(child, "close");
      const [bytes, stderr] = await Promise.all([buffer(child.stdout), text(child.stderr)]);
      expect(await ended).toEqual([0, null]);
      expect({ name, sizeBytes: bytes.length, sha256: sha256Of([bytes]) }).toEqual({ name, sizeBytes, sha256 });
      expect(stderr).toMatch(new RegExp(`^${name}: [\\d.]+ \\w+, (?:verified by length|UNVERIFIED)\\n$`, "u"));
    }
    await expectNothingLeft(vcsim);
  });
});

describe("--dry-run", () => {
  test("says what would come, without a session", async ({ vcsim, content, folder, run }) => {
    const before = vcsim.journal.length;
    const { exitCode, stdout, stderr } = await run(["get", "Images/*", "-o", folder, "--dry-run"]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    for (const path of all) expect(stdout).toContain(`  ${join(folder, path)}\n`);
    // An item without files is not an error, as without --dry-run.
    expect(stdout).toMatch(/^5 files of 3 items, [\d.]+ MiB on the server's storage\. Nothing was downloaded\.$/mu);

    const json = await run(["get", "Images/ubuntu-24", "-o", folder, "--dry-run", "--json"]);
    const { item, itemId, files } = content.older;
    expect(jsonLines(json.stdout)).toEqual(
      files.map(({ name, sizeBytes }) => {
        const path = join(folder, name);
        const names = { library: "Images", libraryId: content.images.libraryId, item, itemId };
        return { type: "planned", ...names, file: name, path, sizeBytes, cached: true };
      }),
    );
    expect(await readdir(folder)).toEqual([]);
    expect(vcsim.journal.slice(before).filter(({ uri }) => /download-?session/u.test(uri))).toEqual([]);
  });

  test("of one file to standard output", async ({ run }) => {
    const { exitCode, stdout } = await run(["get", "Images/ubuntu-24/small.txt", "-o", "-", "--dry-run"]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^ +1\.2 KiB {2}small\.txt, to standard output\n/u);
    expect(await run(["get", "Images/ubuntu-24", "-o", "-", "--dry-run"])).toMatchObject({ exitCode: 2, stdout: "" });
  });
});
