import { expect, test } from "vitest";
import { checkManifests } from "../../src/download/fetch-manifest.ts";

const line = (name: string): Buffer => Buffer.from(`SHA256(${name})= ${"a".repeat(64)}\n`);

test("ManifestCheck takes no proof from a manifest that could not be fetched, and all of it from the others", async () => {
  const check = checkManifests(["x.mf", "y.mf", "a", "b"]);
  check.unavailable("x.mf");
  check.arrived("y.mf", line("a"));
  expect(await check.claimsOf("a")).toMatchObject([{ manifest: "y.mf", line: 1 }]);
  expect(await check.doubtsOf("a")).toEqual([]);
  expect(await check.doubtsOf("b")).toEqual([{ reason: "unavailable", manifest: "x.mf" }]);
  expect(await check.reports(new Set(["a", "b"]))).toMatchObject([
    { name: "x.mf", matched: [], notes: [{ reason: "unavailable" }] },
    { name: "y.mf", matched: ["a"], unnamed: ["b"], notes: [] },
  ]);
});

test("ManifestCheck makes files wait for all manifests, and manifests for none", async () => {
  const check = checkManifests(["x.mf", "y.mf", "a"]);
  check.arrived("x.mf", line("a"));
  expect(await check.claimsOf("y.mf")).toEqual([]);
  const waiting = check.claimsOf("a");
  check.failed(new Error("interrupted"));
  await expect(waiting).rejects.toThrow("interrupted");
});

test("ManifestCheck of an item without manifests is complete at once", async () => {
  const check = checkManifests(["._x.mf", "a"]);
  expect(check.names).toEqual([]);
  expect(await check.doubtsOf("a")).toEqual([]);
  expect(await check.reports(new Set(["a"]))).toEqual([]);
});
