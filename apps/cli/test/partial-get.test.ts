import type { Fault } from "@carrel/simulator";
import { expect } from "vitest";
import { filesIn, test } from "./support/fixture.ts";

const libraries = [
  {
    name: "Images",
    items: [
      {
        name: "debian-13",
        type: "ovf",
        files: [
          { name: "a.ovf", sizeBytes: 1_000 },
          { name: "disk.vmdk", sizeBytes: 300_000 },
          { name: "x.nvram", sizeBytes: 2_000 },
        ],
      },
    ],
  },
];

const unprepared: Fault = {
  on: "downloadSession.file.prepare",
  file: "x.nvram",
  kind: "prepareError",
  message: "out of order",
  times: "always",
};

test("get downloads the other files, and says which failed and why", async ({ simulate, folder }) => {
  const { simulator, run } = await simulate({ libraries, faults: [unprepared] });
  const { exitCode, stdout, stderr } = await run(["get", "Images/debian-13", "-o", folder]);
  expect(exitCode).toBe(1);
  expect(stderr).toContain("x.nvram");
  expect(stderr).toContain("out of order");
  expect(stderr).toContain('Not downloaded: "x.nvram"');
  expect(stdout).toContain("2 files");
  expect((await filesIn(folder)).filter((name) => !name.includes(".part"))).toEqual(["a.ovf", "disk.vmdk"]);
  simulator.faults.clear();
  expect(await run(["get", "Images/debian-13", "-o", folder])).toMatchObject({ exitCode: 0, stderr: "" });
  expect(await filesIn(folder)).toEqual(["a.ovf", "disk.vmdk", "x.nvram"]);
});

test("in JSON a failed file is reported once, with advice", async ({ simulate, folder }) => {
  const corrupt: Fault = { on: "transfer", file: "disk.vmdk", kind: "corrupt", atByte: 9, times: "always" };
  const { run } = await simulate({ libraries, faults: [unprepared, corrupt] });
  const { exitCode, stdout } = await run(["get", "Images/debian-13", "-o", folder, "--json"]);
  expect(exitCode).toBe(5);
  const events = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { readonly type: string });
  expect(events.filter(({ type }) => type === "failed")).toMatchObject([
    { item: "debian-13", file: "disk.vmdk", error: { exitCode: 5, code: "INTEGRITY", hints: [expect.any(String)] } },
    {
      item: "debian-13",
      file: "x.nvram",
      error: {
        exitCode: 1,
        code: "PREPARE_FAILED",
        message: expect.stringContaining("out of order") as string,
      },
    },
  ]);
  expect(events.at(-1)).toMatchObject({ type: "error", error: { exitCode: 5 } });
});
