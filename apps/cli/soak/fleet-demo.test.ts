// The demonstration takes half a minute, because a worker that was killed is missed only after some seconds.
import { readdir } from "node:fs/promises";
import { expect } from "vitest";
import { test } from "../test/support/fixture.ts";
import { startCli } from "../test/support/run-cli.ts";

test(
  "carrel fleet demo kills a worker in the middle of a file, and ends with everything whole and no session left",
  { timeout: 300_000 },
  async ({ folder }) => {
    const { exitCode, stdout, stderr } = await startCli(["fleet", "demo"], { TMPDIR: folder, TEMP: folder }, 290_000)
      .ended;
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: expect.stringContaining("carrel fleet run") });
    const [, at, item] = /^kill -9 \d+ +worker-1, at (\S+ MiB) of \S+ MiB of (\S+)$/mu.exec(stdout) ?? [];
    expect(at).toBeDefined();
    expect(stdout).toContain(`  worker-2: takes over ${item}\n`);
    // Not from its start: at least as much as was there.
    const [, now] =
      new RegExp(`^  worker-2: .* after the kill, ${item} continues, now at (\\S+) MiB$`, "mu").exec(stdout) ?? [];
    expect(Number(now)).toBeGreaterThanOrEqual(Math.floor(Number.parseFloat(at ?? "")) - 8);
    expect(stdout).toContain("All is in place: 9 files, 102.0 MiB, each compared with its vCenter's.");
    expect(stdout).toContain("No download session is left on any of them");
    expect(await readdir(folder)).toEqual([]);
  },
);
