import { expect, test } from "vitest";
import { isPlatformPackage, missingPlatforms, nativePackages } from "../src/platform-packages.ts";

const lockfile = {
  snapshots: {
    "@acme/tool@1.2.3(peer@4.0.0)": { optionalDependencies: { "@acme/tool-linux-x64": "1.2.3", peer: "4.0.0" } },
    "turbo@2.11.9": { optionalDependencies: { "@turbo/linux-64": "2.11.9", "@turbo/darwin-64": "2.11.9" } },
    "debug@4.4.3(supports-color@10.2.2)": { optionalDependencies: { "supports-color": "10.2.2" } },
    "plain@1.0.0": {},
  },
};

test("finds the packages with builds for platforms", () => {
  expect(nativePackages(lockfile)).toEqual([
    { name: "@acme/tool", version: "1.2.3", locked: new Set(["@acme/tool-linux-x64", "peer"]) },
    { name: "turbo", version: "2.11.9", locked: new Set(["@turbo/linux-64", "@turbo/darwin-64"]) },
  ]);
  expect(nativePackages({})).toEqual([]);
});

test("says what the lockfile lacks, of the platforms that count", () => {
  const [tool] = nativePackages(lockfile);
  const listed = [
    "@acme/tool-linux-x64",
    "@acme/tool-darwin-arm64",
    "@acme/tool-win32-x64-msvc",
    "@acme/tool-aix-ppc64",
  ];
  expect(tool && missingPlatforms(tool, listed)).toEqual(["@acme/tool-darwin-arm64", "@acme/tool-win32-x64-msvc"]);
});

test.each([
  ["@oxlint/binding-darwin-x64", true],
  ["@turbo/windows-64", true],
  ["lightningcss-linux-arm64-gnu", true],
  ["@oxlint/binding-linux-arm-gnueabihf", false],
  ["@oxlint/binding-freebsd-x64", false],
  ["@oxlint/binding-linux-s390x-gnu", false],
])("%s counts: %s", (name, expected) => {
  expect(isPlatformPackage(name)).toBe(expected);
});
