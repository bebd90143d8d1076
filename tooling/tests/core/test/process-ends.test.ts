import { execFile } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startSimulator } from "@carrel/simulator";
import { expect, test } from "vitest";

const run = promisify(execFile);
const script = fileURLToPath(new URL("support/hold-lease.ts", import.meta.url));

test("a process that holds a lease ends when its work is done", async () => {
  await using simulator = await startSimulator({
    libraries: [{ name: "images", items: [{ name: "one", files: [{ name: "a.txt", text: "a" }] }] }],
  });
  const { username, password } = simulator.credentials;
  const args = ["--no-warnings", script, simulator.url.origin, username, password];
  // A process that stays is killed, and that is an error. It would stay for as long as it renews its lease.
  const { stdout, stderr } = await run(process.execPath, args, { timeout: 20_000 });
  expect(stderr).toBe("");
  expect(stdout).toBe("active");
  // The session was left open, as requested, so that another client can adopt it.
  expect(simulator.openSessions).toHaveLength(1);
});
