import { execFileSync } from "node:child_process";
import { link, mkdir, open, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { MemberReader } from "../../src/ovf/member-reader.ts";
import { listTar } from "../../src/ovf/tar.ts";
import { memberPath } from "@carrel/core/transfer";
import { hexDigest, sha256, tempDirectory, tries } from "@carrel/test-kit";
import type { TempDirectory } from "@carrel/test-kit";

// What these tools write is compared member by member, on Linux, where both exist: elsewhere `tar` is a different tool, and
// file systems change names.
const onLinux = process.platform === "linux";

function versionOf(tool: string): string {
  try {
    return execFileSync(tool, ["--version"], { encoding: "utf8", stdio: "pipe" });
  } catch {
    return "missing";
  }
}

/** Fails where a tool does not exist, so that a test that needs it is never skipped silently. */
function assertTool(tool: string, wanted: string, version: string): void {
  if (!version.includes(wanted)) throw new Error(`This test reads archives that ${wanted} writes: install ${tool}`);
}

const pythonVersion = versionOf("python3");
// The machine of a contributor may have none.
const needsPython = onLinux && (pythonVersion !== "missing" || process.env["CI"] !== undefined);

interface Piece {
  readonly holeBytes: number;
  readonly bytes: Uint8Array;
}

interface Leaf {
  readonly name: string;
  readonly kind: "file" | "sparse" | "hard" | "soft";
  readonly pieces: readonly Piece[];
  /** The target of a link: one of the files before it. */
  readonly target: number;
}

const oddName = fc.constantFrom(
  "a.ovf",
  "-leading",
  "with space",
  "ümläut",
  "u\u0308",
  "日本語.vmdk",
  "quo'te\"",
  "new\nline",
  "back\\slash",
  "%41",
  "{x}",
  ".hidden",
  "._x",
);
const name = fc.oneof(
  oddName,
  fc
    .string({ unit: fc.constantFrom(..."abcXYZ019_-. ".split("")), minLength: 1, maxLength: 12 })
    .map((text) => `n${text}.v`),
);
const folderName = fc.constantFrom("", "disks", "deep/er", "spa ce");
const longName = fc.integer({ min: 101, max: 240 }).map((length) => "l".repeat(length));

function tree(names: fc.Arbitrary<string>): fc.Arbitrary<readonly Leaf[]> {
  const piece = fc.record({
    holeBytes: fc.constantFrom(0, 4_096, 65_536, 1_048_576),
    bytes: fc.uint8Array({ maxLength: 9_000 }),
  });
  const leaf = fc.record({
    name: fc.tuple(folderName, names).map(([folder, each]) => (folder === "" ? each : `${folder}/${each}`)),
    kind: fc.constantFrom("file" as const, "file" as const, "sparse" as const, "hard" as const, "soft" as const),
    pieces: fc.array(piece, { minLength: 1, maxLength: 12 }),
    target: fc.nat(),
  });
  return fc.uniqueArray(leaf, { selector: (each) => each.name, minLength: 1, maxLength: 8 });
}

/** Writes a tree, and returns the digest of each file in it, links followed. */
async function plant(root: string, leaves: readonly Leaf[]): Promise<ReadonlyMap<string, string>> {
  const digests = new Map<string, string>();
  const plain: string[] = [];
  for (const { name: leafName, kind, pieces, target } of leaves) {
    const path = join(root, leafName);
    await mkdir(dirname(path), { recursive: true });
    const targets = kind === "hard" ? plain : [...digests.keys()];
    const linked = targets[target % Math.max(targets.length, 1)];
    if (kind === "hard" && linked !== undefined) await link(join(root, linked), path);
    else if (kind === "soft" && linked !== undefined)
      await symlink(`${"../".repeat(leafName.split("/").length - 1)}${linked}`, path);
    else if (kind === "sparse") await writeSparse(path, pieces);
    else await writeFile(path, Buffer.concat(pieces.map(({ bytes }) => bytes)));
    if (kind !== "soft" || linked === undefined) plain.push(leafName);
    digests.set(leafName, sha256(await readFile(path)));
  }
  return digests;
}

async function writeSparse(path: string, pieces: readonly Piece[]): Promise<void> {
  await using file = await open(path, "w");
  let position = 0;
  for (const { holeBytes, bytes } of pieces) {
    position += holeBytes;
    if (bytes.length > 0) await file.write(bytes, 0, bytes.length, position);
    position += bytes.length;
  }
  await file.truncate(position);
}

/** Reads the digest of each file in an archive by the code under test, and the number of holes. */
async function readBack(
  path: string,
): Promise<{ readonly digests: ReadonlyMap<string, string>; readonly holes: number }> {
  const archive = await readFile(path);
  const read = (position: number, length: number): Promise<Uint8Array> =>
    Promise.resolve(archive.subarray(position, position + length));
  const digestOf = (algorithm: string, start: number, bytes: number): Promise<string> =>
    Promise.resolve(hexDigest(algorithm, archive.subarray(start, start + bytes)));
  const reader = new MemberReader({ sizeBytes: archive.length, read, digestOf, signal: new AbortController().signal });
  const listing = await listTar(read, archive.length);
  expect(listing).toMatchObject({ end: "marker", isFollowed: false });
  const digests = new Map<string, string>();
  let holes = 0;
  for (const member of listing?.members ?? []) {
    if (member.kind !== "file" && member.kind !== "link") continue;
    digests.set(memberPath(member.name), (await reader.digestOf("sha256", [member])) ?? "unknown");
    holes += member.extents?.filter(({ start }) => start === undefined).length ?? 0;
  }
  return { digests, holes };
}

async function roundTrip(leaves: readonly Leaf[], write: (folder: TempDirectory) => void): Promise<number> {
  await using folder = await tempDirectory();
  const expected = await plant(folder.join("tree"), leaves);
  write(folder);
  const { digests, holes } = await readBack(folder.join("x.ova"));
  expect(Object.fromEntries(digests)).toEqual(Object.fromEntries(expected));
  return holes;
}

const sparse: Leaf = {
  name: "s.vmdk",
  kind: "sparse",
  target: 0,
  pieces: Array.from({ length: 60 }, (_, index) => ({
    holeBytes: 65_536,
    bytes: new Uint8Array(4_096).fill(index + 1),
  })),
};
const formats: readonly (readonly [format: string, flags: readonly string[]])[] = [
  ["v7", []],
  ["ustar", []],
  ["oldgnu", []],
  ["oldgnu", ["-S"]],
  ["gnu", []],
  ["gnu", ["-S"]],
  ["pax", []],
  ["pax", ["-S", "--sparse-version=0.0"]],
  ["pax", ["-S", "--sparse-version=0.1"]],
  ["pax", ["-S", "--sparse-version=1.0"]],
  ["pax", ["--pax-option=comment=global,delete=atime", "-b", "100"]],
];

test.runIf(onLinux)("listTar reads what GNU tar writes, in every format", { timeout: 120_000 }, async () => {
  assertTool("tar", "GNU tar", versionOf("tar"));
  for (const [format, flags] of formats) {
    const names = ["v7", "ustar"].includes(format) ? name : fc.oneof(name, longName);
    const write = (folder: TempDirectory): void => {
      execFileSync(
        "tar",
        ["-C", folder.join("tree"), `--format=${format}`, ...flags, "-cf", folder.join("x.ova"), "."],
        { stdio: "pipe" },
      );
    };
    const holes = await roundTrip([sparse], write);
    // On a file system without holes the archive has none either.
    expect(holes > 0).toBe(flags.includes("-S"));
    await fc.assert(
      fc.asyncProperty(tree(names), async (leaves) => void (await roundTrip(leaves, write))),
      { numRuns: tries(3, 30) },
    );
  }
});

const script = `
import sys, tarfile
form, root, out = sys.argv[1:]
with tarfile.open(out, "w", format=getattr(tarfile, form + "_FORMAT")) as archive:
    archive.add(root, arcname="")
`;

test.runIf(needsPython)("listTar reads what Python writes, in every format", { timeout: 120_000 }, async () => {
  assertTool("python3", "Python 3", pythonVersion);
  for (const format of ["USTAR", "GNU", "PAX"]) {
    const names = format === "USTAR" ? name : fc.oneof(name, longName);
    const write = (folder: TempDirectory): void => {
      execFileSync("python3", ["-c", script, format, folder.join("tree"), folder.join("x.ova")], { stdio: "pipe" });
    };
    await fc.assert(
      fc.asyncProperty(tree(names), async (leaves) => void (await roundTrip(leaves, write))),
      { numRuns: tries(3, 30) },
    );
  }
});
