import { expect, test } from "vitest";
import { parseManifest } from "../../src/transfer/manifest.ts";
import { PackageCheck } from "../../src/transfer/package-check.ts";

const digest = "a".repeat(64);

function check(files: readonly string[], ...lines: readonly string[]): PackageCheck {
  const text = lines.map((line) => (line.includes("(") ? line : `SHA256(${line})= ${digest}`)).join("\n");
  return new PackageCheck([parseManifest("vm/x.mf", Buffer.from(text))], files);
}

/** What each line is about. */
function meant({ claims }: PackageCheck): readonly (readonly string[])[] {
  return claims.map(({ files }) => files);
}

test("PackageCheck resolves names relative to the directory of the manifest, or otherwise to that of the package", () => {
  const files = ["vm/a", "b", "vm/vm/c", "vm/c"];
  expect(meant(check(files, "a", "./a", "../b", "vm/a", "b", "vm/c", "..\\b"))).toEqual([
    ["vm/a"],
    ["vm/a"],
    ["b"],
    ["vm/a"],
    ["b"],
    ["vm/vm/c"],
    ["b"],
  ]);
});

test("PackageCheck matches a name that is similar to several files with none, and doubts each of them", () => {
  const found = check(["vm/A", "vm/a ", "vm/b"], "a");
  expect(found.claims).toEqual([]);
  for (const file of ["vm/A", "vm/a "]) expect(found.doubtsOf(file)).toMatchObject([{ reason: "ambiguous-name" }]);
  expect(found.doubtsOf("vm/b")).toEqual([]);
  expect(found.unnamed()).toEqual(["vm/b"]);
});

test("PackageCheck prefers the same letters in another Unicode form to other letters", () => {
  const found = check(["vm/e\u0301", "vm/\u00C9"], "\u00E9");
  expect(meant(found)).toEqual([["vm/e\u0301"]]);
});

test("PackageCheck takes consecutive pieces from the first one", () => {
  const pieces = [0, 1, 3].map((index) => `vm/d.00000000${index}`);
  expect(meant(check(pieces, "d"))).toEqual([pieces.slice(0, 2)]);
  expect(check(pieces.slice(1), "d").missing()).toMatchObject([{ named: "d" }]);
});

test("PackageCheck lets another line verify a file whose first claim was refuted", () => {
  const found = check(["vm/a"], "a", "a");
  const [one, other] = found.claims;
  if (one === undefined || other === undefined) throw new Error("There are two");
  found.refute(one, "unreadable-file");
  expect(found.isVerified("vm/a")).toBe(true);
  found.refute(other, "contradicted");
  expect(found.isVerified("vm/a")).toBe(false);
  expect(found.doubtsOf("vm/a").map(({ reason }) => reason)).toEqual(["unreadable-file", "contradicted"]);
});

test("PackageCheck takes time linear in hundreds of thousands of lines", () => {
  const found = check(["vm/a"], ...Array<string>(200_000 / 4).fill("a"));
  for (const claim of found.claims) found.refute(claim, "contradicted");
  expect(found.isComplete()).toBe(false);
  expect(found.doubtsOf("vm/a")).toHaveLength(100);
});
