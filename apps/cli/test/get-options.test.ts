import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { filesIn, test } from "./support/fixture.ts";
import { eventsOf } from "./support/mirrored.ts";

const MiB = 1024 * 1024;
const iso = (name: string): object => ({ name, type: "iso", files: [{ name: `${name}.iso`, sizeBytes: 40_000 }] });
const libraries = [
  {
    name: "Images",
    items: [
      iso("ubuntu-24.04"),
      iso("ubuntu-26.04"),
      iso("debian-13"),
      {
        name: "disks",
        files: [
          { name: "a.vmdk", sizeBytes: 300_000 },
          { name: "b.vmdk", sizeBytes: 3 * MiB },
        ],
      },
    ],
  },
] as never;

describe("--json", () => {
  test("writes one event per line, each with its item", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries });
    const { exitCode, stdout, stderr } = await run(["get", "Images/disks", "-o", folder, "--json"]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    const all = eventsOf(stdout);
    const events = all.slice(0, -1);
    expect(all.at(-1)).toMatchObject({ type: "summary", files: 2, whole: 2, notBegun: 0, complete: true });
    const { id } = simulator.inventory.item("Images/disks");
    for (const event of events) expect(event).toMatchObject({ item: "disks", itemId: id });
    expect(new Set(events.map(({ type }) => type))).toEqual(
      new Set(["session", "plan", "transferring", "finished", "done"]),
    );
    expect(events.at(-1)).toMatchObject({ type: "done", files: 2, receivedBytes: 300_000 + 3 * MiB });
  });

  test("ends with the error", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries });
    const { exitCode, stdout } = await run(["get", "Images/disk", "-o", folder, "--json"]);
    expect(exitCode).toBe(4);
    expect(eventsOf(stdout)).toEqual([
      {
        type: "error",
        error: {
          code: "NOT_FOUND",
          retryable: false,
          message: 'No item "disk" in library "Images"',
          hints: ['Did you mean "disks"?'],
          exitCode: 4,
        },
      },
    ]);
    const wrong = await run(["get", "Images/disks", "--json"], { VSPHERE_PASSWORD: "not-it" });
    expect(eventsOf(wrong.stdout)).toMatchObject([{ type: "error", error: { exitCode: 3, code: "AUTH" } }]);
  });
});

test("--dry-run says what would be done, without a session", async ({ simulate, folder }) => {
  const { simulator, run } = await simulate({ libraries });
  const { exitCode, stdout } = await run(["get", "Images/disks", "-o", folder, "--dry-run"]);
  expect(exitCode).toBe(0);
  expect(stdout).toContain(join(folder, "b.vmdk"));
  expect(stdout).toContain("Nothing was downloaded.");
  const json = await run(["get", "Images/*", "-o", folder, "--dry-run", "--json"]);
  expect(eventsOf(json.stdout)).toHaveLength(5);
  expect(await filesIn(folder)).toEqual([]);
  expect(simulator.journal.some(({ operation }) => operation?.startsWith("downloadSession"))).toBe(false);
});

test("--dry-run says what already exists", async ({ simulate, folder }) => {
  const { run } = await simulate({ libraries });
  await writeFile(join(folder, "a.vmdk"), "x".repeat(2048));
  await writeFile(join(folder, "b.vmdk.part"), "y".repeat(1024));
  const args = ["get", "Images/disks", "-o", folder, "--dry-run"];
  const { stdout } = await run(args);
  expect(stdout).toContain("a.vmdk  (exists (2.0 KiB, size differs))\n");
  expect(stdout).toContain("b.vmdk  (partial file of 1.0 KiB cannot be resumed)\n");
  const [a, b] = eventsOf((await run([...args, "--json"])).stdout);
  expect([a, b]).toMatchObject([
    { existingBytes: 2048, sameSize: false },
    { partBytes: 1024, resumeAtByte: 0 },
  ]);
});

test("--dry-run says what is whole by its size, which obstacle exists, and where it would resume", async ({
  simulate,
  folder,
}) => {
  const { simulator, run } = await simulate({ libraries });
  await writeFile(join(folder, "a.vmdk"), Buffer.alloc(300_000));
  simulator.faults.add(
    { on: "transfer", file: "b.vmdk", kind: "shortClose", keepLength: true, atByte: MiB },
    { on: "transfer", file: "b.vmdk", use: 2, kind: "status", status: 400 },
  );
  expect(await run(["get", "Images/disks/b.vmdk", "-o", folder])).toMatchObject({ exitCode: 1 });
  await mkdir(join(folder, "debian-13.iso"));
  const args = ["get", "Images/disks", "-o", folder, "--dry-run"];
  const { stdout } = await run(args);
  expect(stdout).toContain("a.vmdk  (exists (293.0 KiB, same size))\n");
  expect(stdout).toContain("b.vmdk  (resumes at 1.0 MiB)\n");
  const events = eventsOf((await run([...args, "--json"])).stdout);
  expect(events).toMatchObject([{ existingBytes: 300_000, sameSize: true }, { resumeAtByte: MiB }]);
  expect((await run([...args, "--existing", "overwrite"])).stdout).toContain(
    "b.vmdk  (partial file of 1.0 MiB cannot be resumed)\n",
  );
  const folderInTheWay = await run(["get", "Images/debian-13", "-o", folder, "--dry-run"]);
  expect(folderInTheWay.stdout).toContain("debian-13.iso  (a directory of that name exists)\n");
});

test("--existing error leaves existing files alone, overwrite replaces them", async ({ simulate, folder }) => {
  const { simulator, run } = await simulate({ libraries });
  const path = join(folder, "debian-13.iso");
  await writeFile(path, "something else");
  const resumed = await run(["get", "Images/debian-13", "-o", folder]);
  expect(resumed).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("--existing overwrite") as string });
  expect(await run(["get", "Images/debian-13", "-o", folder, "--existing", "error"])).toMatchObject({ exitCode: 1 });
  expect(await readFile(path, "utf8")).toBe("something else");
  expect(await run(["get", "Images/debian-13", "-o", folder, "--existing", "overwrite"])).toMatchObject({
    exitCode: 0,
  });
  const bytes = await simulator.inventory.item("Images/debian-13").file("debian-13.iso").bytes();
  expect((await readFile(path)).equals(bytes)).toBe(true);
});

test("--limit-rate holds for all files together", async ({ simulate, folder }) => {
  const { run } = await simulate({ libraries });
  const before = performance.now();
  expect(await run(["get", "Images/disks", "-o", folder, "--limit-rate", "3M", "--concurrency", "2"])).toMatchObject({
    exitCode: 0,
  });
  expect(performance.now() - before).toBeGreaterThan(900);
});

test("--limit-rate is never below a rate that is shown: a small file arrives in one piece", async ({
  simulate,
  folder,
}) => {
  const files = [1, 2, 3].map((each) => ({ name: `${each}.nvram`, sizeBytes: 70_000 }));
  const { run } = await simulate({ libraries: [{ name: "Images", items: [{ name: "small", files }] }] });
  const { stdout } = await run(["get", "Images/small", "-o", folder, "--limit-rate", "100k"]);
  const rates = [...stdout.matchAll(/verified by checksum +(?:([\d.]+) (\w+)\/s)? +\d\.nvram$/gmu)];
  expect(rates).toHaveLength(3);
  for (const [, rate, unit] of rates) expect(rate === undefined || (unit === "KiB" && Number(rate) <= 100)).toBe(true);
});

test("--require-verified refuses what cannot be verified", async ({ simulate, folder }) => {
  const { run } = await simulate({
    libraries,
    report: { checksum: "never", size: "never" },
    transfer: { contentLength: false },
  });
  const strict = await run(["get", "Images/debian-13", "-o", folder, "--require-verified"]);
  expect(strict).toMatchObject({ exitCode: 5 });
  expect(await filesIn(folder)).not.toContain("debian-13.iso");
  // Elsewhere: the bytes were kept, and the answer to where they would resume states the length.
  const { exitCode, stdout } = await run(["get", "Images/debian-13", "-o", join(folder, "lax")]);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/UNVERIFIED .*debian-13\.iso/u);
  expect(stdout).toMatch(/1 UNVERIFIED: nothing to check against\.$/mu);
});

test("--require-verified=LEVEL refuses what is verified by less, and the summary says by what files are verified", async ({
  simulate,
  folder,
}) => {
  const { run } = await simulate({ libraries, report: { checksum: "never" } });
  const strict = await run(["get", "Images/debian-13", "-o", folder, "--require-verified=checksum"]);
  expect(strict).toMatchObject({ exitCode: 5 });
  expect(strict.stderr).toMatch(/Cannot verify "debian-13\.iso" by checksum: the server states no checksum/u);
  // Alone it takes no value, wherever it stands.
  const alone = await run(["get", "--require-verified", "Images/debian-13", "-o", folder]);
  expect(alone).toMatchObject({ exitCode: 0 });
  expect(alone.stdout).toMatch(/, all verified by length\.$/mu);
  const mirror = await run(["mirror", "--require-verified=manifest", "Images", join(folder, "mirror")]);
  expect(mirror).toMatchObject({ exitCode: 5 });
  const wrong = await run(["get", "Images/debian-13", "--require-verified=hash"]);
  expect(wrong).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("Allowed choices are checksum") as string,
  });
});

test("--prepare-timeout ends the wait", async ({ simulate, folder }) => {
  const { run } = await simulate({ libraries, prepare: { requestedMs: 600_000 } });
  const { exitCode, stderr } = await run(["get", "Images/debian-13", "-o", folder, "--prepare-timeout", "0.3"]);
  expect(exitCode).toBe(1);
  expect(stderr).toContain("debian-13.iso");
});

test.for([
  ["--concurrency", "0"],
  ["--concurrency", "two"],
  ["--concurrency", "0x10"],
  ["--concurrency", "1e3"],
  ["--concurrency", "1000000000"],
  ["--connections", "9007199254740991"],
  ["--limit-rate", "fast"],
  ["--limit-rate", "0"],
  ["--limit-rate", "99999999T"],
  ["--prepare-timeout", "-1"],
  ["--prepare-timeout", "1e300"],
  ["--stall-timeout", "99999999"],
  ["--stall-timeout", ""],
  ["--existing", "maybe"],
])("%s %s is refused", async ([flag, value], { simulate }) => {
  const { run } = await simulate({ libraries });
  const { exitCode, stderr } = await run(["get", "Images/debian-13", flag ?? "", value ?? ""]);
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(new RegExp(`^carrel: .*${flag}.*\\n  \\w`, "u"));
});

test("the largest numbers are accepted", async ({ simulate, folder }) => {
  const { run } = await simulate({ libraries });
  const times = ["--stall-timeout", "2073600", "--prepare-timeout", "2073600"];
  const counts = ["--concurrency", "1000", "--connections", "1000", "--limit-rate", "1024T"];
  const got = await run(["get", "Images/debian-13", "-o", folder, ...times, ...counts]);
  expect(got).toMatchObject({ exitCode: 0, stderr: "" });
});
