import { readdir } from "node:fs/promises";
import { expect } from "vitest";
import { test } from "../test/support/fixture.ts";
import { bar, leftOn, untilSeen, watch } from "./pictures.ts";
import { openTerminal } from "./terminal.ts";

const MiB = 1_048_576;
const files = [
  { name: "disk-0.vmdk", sizeBytes: 8 * MiB },
  { name: "disk-1.vmdk", sizeBytes: 6 * MiB },
];
const libraries = [{ name: "Images", items: [{ name: "disks", files }] }];
/** Only what has arrived is kept. */
const somethingArrived = /disk-0\.vmdk .* [1-9]\d?%/mu;
const tidying = "Interrupted, cleaning up. Press Ctrl-C again to stop immediately";

/** The summary, which is wrapped in the terminal's width. */
function summaryOf(lines: readonly string[]): string {
  return lines.map((line) => line.trim()).join(" ");
}

test.for([
  ["get", "Images/disks", "-o"],
  ["mirror", "Images"],
])("Ctrl-C once ends carrel %s with 130, and leaves nothing behind", async ([...args], { simulate, folder }) => {
  const { env, simulator } = await simulate({ libraries });
  await using terminal = await openTerminal([...args, folder, "--limit-rate", "1M"], env, { columns: 80 });
  await untilSeen(terminal, somethingArrived);
  expect(simulator.openSessions).toHaveLength(1);
  await terminal.press("C-c");
  await watch(terminal);
  const left = await leftOn(terminal);
  expect([...left.slice(0, 2), left.at(-1)]).toEqual(["above 1", tidying, "exit 130"]);
  expect(summaryOf(left.slice(2, -1))).toMatch(/ KiB of 2 files are kept\. The same command resumes there\.$/u);
  expect(simulator.openSessions).toEqual([]);
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const { name } of names.filter((entry) => entry.isFile())) expect(name).toMatch(/\.part(\.json)?$/u);
});

test("Ctrl-C twice stops at once, although the server does not answer", async ({ simulate, folder }) => {
  const { env, simulator } = await simulate({ libraries });
  const args = ["get", "Images/disks", "-o", folder, "--limit-rate", "1M"];
  await using terminal = await openTerminal(args, env, { columns: 80 });
  await untilSeen(terminal);
  simulator.faults.add({ on: "downloadSession.delete", kind: "stall" });
  await terminal.press("C-c");
  await untilSeen(terminal, /cleaning up/u);
  expect(await terminal.screen()).not.toMatch(bar);
  await terminal.press("C-c");
  await watch(terminal);
  // The second one is echoed.
  const left = await leftOn(terminal);
  expect(left.filter((line) => line !== "^C")).toEqual(["above 1", tidying, "exit 130"]);
  simulator.expireDownloadSessions();
  simulator.expireApiSessions();
});

test("a crash removes the bars and says what is wrong", async ({ simulate, folder }) => {
  const { env, simulator } = await simulate({ libraries });
  const crash = "process.once('SIGWINCH', () => { throw new Error('something is wrong') })";
  const options = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(crash)}` };
  const args = ["get", "Images/disks", "-o", folder, "--limit-rate", "1M"];
  await using terminal = await openTerminal(args, { ...env, ...options }, { columns: 80 });
  await untilSeen(terminal, somethingArrived);
  await terminal.resize(81);
  await watch(terminal);
  const [above, message, ...others] = await leftOn(terminal);
  expect([above, message]).toEqual(["above 1", "carrel: something is wrong"]);
  expect([others[0], others.at(-1)]).toEqual([expect.stringContaining("--debug"), "exit 1"]);
  expect(summaryOf(others.slice(1, -1))).toMatch(/ KiB of 2 files are kept\. The same command resumes there\.$/u);
  simulator.expireDownloadSessions();
  simulator.expireApiSessions();
});
