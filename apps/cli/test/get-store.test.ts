import { describe, expect } from "vitest";
import { test } from "./support/fixture.ts";
import { runCli } from "./support/run-cli.ts";

// Nothing of this reaches a store. What does is in tooling/tests/s3.
describe("get -o s3://", () => {
  test.for([
    [["-o", "s3://"], 'is not an address such as "s3://bucket/prefix"'],
    [["-o", "s3://images/../other"], 'is not an address such as "s3://bucket/prefix"'],
    [["-o", "s3://images", "--endpoint-url", "store.example:9000"], "--endpoint-url: invalid value"],
    [["-o", "s3://images", "--ca-bundle", "/nonexistent/ca.pem"], "--ca-bundle"],
    [["-o", "images", "--region", "eu-central-1"], "--region has no effect here"],
    [["--profile", "images"], "--profile has no effect here"],
    [["-o", "-", "--no-path-style"], "--no-path-style has no effect here"],
  ] as const)("is refused before anything is asked: %j", async ([args, message], { simulate }) => {
    const { run, simulator } = await simulate();
    const { exitCode, stderr } = await run(["get", "Images/ubuntu", ...args]);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(message)]);
    expect(simulator.journal).toEqual([]);
  });
});

test("publish refuses flags of object stores for a directory, and an address that is none", async ({ folder }) => {
  const directory = await runCli(["publish", folder, "--region", "eu-central-1"]);
  const place = "It is for an object store: s3://BUCKET/PREFIX in place of DIR";
  expect([directory.exitCode, directory.stderr]).toEqual([2, expect.stringContaining(place)]);
  const address = await runCli(["publish", "s3://images/../other"]);
  expect([address.exitCode, address.stderr]).toEqual([2, expect.stringContaining("is not an address such as")]);
});

test.for([
  [["doctor", "--end-uploads"], "--end-uploads and --yes are for an object store"],
  [["doctor", "--region", "eu-central-1"], "--region has no effect here"],
  [["doctor", "vcenter.example.com"], "The vCenter is named by --server HOST"],
  [["doctor", "s3://images", "--server", "vcenter.example.com"], "--server has no effect on an object store"],
  [["doctor", "s3://images", "--item", "Images/ubuntu"], "--item is for a vCenter"],
  [["doctor", "s3://images", "--yes"], "--yes has no effect without --end-uploads"],
  [["ls", "s3://images", "--ca", "ca.pem"], "--ca has no effect on an object store"],
  [
    ["ls", "s3://images", "https://images.example.com/lib.json"],
    "Cannot read from several published libraries at once",
  ],
  [["ls", "Images", "--profile", "images"], "It is for an object store: s3://BUCKET/PREFIX in place of LIBRARY"],
  [["cat", "s3://images/lib.json"], "names no file"],
] as const)("is refused before anything is sent: %j", async ([args, message]) => {
  const { exitCode, stderr } = await runCli(args);
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining(message)]);
});
