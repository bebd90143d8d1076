import { createClient, passwordAuth } from "@carrel/core";
import type { CarrelClient } from "@carrel/core";
import { createNodeFetch } from "@carrel/node-stream";
import type { Simulator } from "@carrel/simulator";
import { until } from "@carrel/test-kit";
import { expect } from "vitest";
import { test } from "./support/fixture.ts";
import { eventsOf } from "./support/mirrored.ts";

const libraries = [{ name: "Images", items: [{ name: "ubuntu", files: [{ name: "disk.vmdk", sizeBytes: 5_000 }] }] }];

async function withClient<T>(simulator: Simulator, action: (client: CarrelClient) => Promise<T>): Promise<T> {
  await using fetch = createNodeFetch({ thumbprint: simulator.certificate?.sha256 ?? "" });
  await using client = createClient({ endpoint: simulator.url, auth: passwordAuth(simulator.credentials), fetch });
  // Awaited here: the client must outlast it.
  const result = await action(client);
  return result;
}

function createSessions(simulator: Simulator, count: number): Promise<readonly string[]> {
  return withClient(simulator, async (client) => {
    const ids: string[] = [];
    for (let index = 0; index < count; index += 1) {
      ids.push(await client.downloadSession.create({ library_item_id: simulator.inventory.item("Images/ubuntu").id }));
    }
    return ids;
  });
}

test("ls and show print item, state, expiry, progress and files, and no transfer URL", async ({ simulate }) => {
  const { simulator, run } = await simulate({ libraries });
  const [id = ""] = await createSessions(simulator, 1);
  await withClient(simulator, async (client) => {
    await client.downloadSession.keepAlive(id, { progress: 40 });
    await client.downloadSession.file.prepare(id, { file_name: "disk.vmdk", endpoint_type: "HTTPS" });
  });
  const list = await run(["sessions", "ls"]);
  expect(list).toMatchObject({ exitCode: 0, stderr: "" });
  expect(list.stdout).toMatch(new RegExp(`^ACTIVE +in 5 min +40% +1/1 {2}ubuntu +${id}$`, "mu"));
  const shown = await run(["sessions", "show", id]);
  expect(shown.stdout).toMatch(/^file: +prepared +disk\.vmdk {2}4\.9 KiB$/mu);
  const json = await run(["sessions", "show", id, "--json"]);
  expect(JSON.parse(json.stdout)).toMatchObject({
    type: "session",
    sessionId: id,
    state: "ACTIVE",
    item: "ubuntu",
    progressPercent: 40,
  });
  expect(json.stdout).not.toContain("/cls/data");
  expect(await run(["sessions", "rm", id])).toMatchObject({ exitCode: 0, stdout: `deleted: ${id}\n` });
  expect(await run(["sessions", "ls"])).toMatchObject({ exitCode: 0, stdout: "" });
  for (const verb of ["show", "rm", "keep-alive"]) {
    const { exitCode, stderr } = await run(["sessions", verb, id]);
    expect(exitCode).toBe(4);
    expect(stderr).toContain(`No download session "${id}"\n  List what exists: carrel sessions ls`);
  }
});

test("keep-alive, cancel and fail do what they say; prune deletes what is over", async ({ simulate }) => {
  const { simulator, run } = await simulate({ libraries });
  const [active = "", cancelled = "", failed = ""] = await createSessions(simulator, 3);
  expect(await run(["sessions", "keep-alive", active, "--progress", "7"])).toMatchObject({ exitCode: 0 });
  expect(simulator.downloadSessions.find(({ id }) => id === active)).toMatchObject({ progressPercent: 7 });
  expect(await run(["sessions", "keep-alive", active, "--progress", "seven"])).toMatchObject({ exitCode: 2 });
  expect(await run(["sessions", "cancel", cancelled])).toMatchObject({ exitCode: 0 });
  expect(await run(["sessions", "fail", failed])).toMatchObject({ exitCode: 2 });
  const said = await run(["sessions", "fail", failed, "--message", "disk full"]);
  expect(said).toMatchObject({ exitCode: 0, stdout: `reported as failed: ${failed}\n` });
  expect((await run(["sessions", "show", failed])).stdout).toContain("disk full");
  const asked = await run(["sessions", "prune"]);
  expect(asked).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("--yes") as string });
  expect(simulator.downloadSessions).toHaveLength(3);
  expect((await run(["sessions", "prune", "--yes"])).stdout).toContain(
    "2 sessions deleted. 1 ACTIVE session was left alone: see --idle and --all.",
  );
  expect(simulator.downloadSessions.map(({ id }) => id)).toEqual([active]);
  expect((await run(["sessions", "prune", "--idle", "--yes"])).stdout).toContain("1 session deleted.");
});

test("of several ids, a wrong one does not stop the others, and the most serious exit code wins", async ({
  simulate,
}) => {
  const { simulator, run } = await simulate({ libraries });
  const [first = "", second = "", third = ""] = await createSessions(simulator, 3);
  for (const verb of [["show"], ["keep-alive"], ["cancel"], ["rm"]]) {
    const { exitCode, stdout, stderr } = await run(["sessions", ...verb, first, "no-such:id", second]);
    expect(exitCode).toBe(4);
    expect(stdout).toContain(first);
    expect(stdout).toContain(second);
    expect(stderr).toContain('carrel: "no-such:id": No such download session\n  List what exists');
  }
  const [fourth = ""] = await createSessions(simulator, 1);
  simulator.faults.add({ on: "downloadSession.delete", kind: "status", status: 500, times: 1 });
  const { exitCode, stdout, stderr } = await run(["sessions", "rm", third, "no-such:id", fourth, "--json"]);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/Not deleted: ".*", "no-such:id"\n$/u);
  expect(eventsOf(stdout)).toMatchObject([
    { type: "failed", sessionId: third, error: { exitCode: 1 } },
    { type: "failed", sessionId: "no-such:id", error: { code: "NOT_FOUND", exitCode: 4 } },
    { type: "deleted", sessionId: fourth },
    { type: "error", error: { exitCode: 1 } },
  ]);
  expect(await run(["sessions", "rm", third])).toMatchObject({ exitCode: 0 });
});

test("an empty id is refused before anything is sent", async ({ simulate }) => {
  const { simulator, run } = await simulate({ libraries });
  for (const verb of [["rm"], ["show"], ["fail", "--message", "x"]]) {
    const { exitCode, stderr } = await run(["sessions", ...verb, ""]);
    expect({ exitCode, stderr }).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/^carrel: <id> is empty$/mu) as string,
    });
  }
  expect(await run(["sessions", "prune", "--item", "Images"])).toMatchObject({ exitCode: 2 });
  expect(simulator.journal).toEqual([]);
});

test("what a killed download left is deleted by prune --all, which asks first", async ({ simulate, folder }) => {
  const more = { name: "other", files: [{ name: "other.iso", sizeBytes: 10 }] };
  const [images] = libraries;
  const { simulator, run, start } = await simulate({
    libraries: [{ name: "Images", items: [...(images?.items ?? []), more] }],
    transfer: { bytesPerSecond: 1_000 },
  });
  const { child, ended } = start(["get", "Images/ubuntu", "-o", folder]);
  await until(() => simulator.journal.some(({ kind, sentBytes }) => kind === "transfer" && sentBytes > 0));
  child.kill("SIGKILL");
  await ended;
  // Its login was left behind as well.
  simulator.expireApiSessions();
  const [left = ""] = simulator.openSessions;
  await withClient(simulator, (client) =>
    client.downloadSession.create({ library_item_id: simulator.inventory.item("Images/other").id }),
  );

  expect((await run(["sessions", "prune", "--yes"])).stdout).toBe(
    "Nothing to delete. 2 ACTIVE sessions were left alone: see --idle and --all.\n",
  );
  const on = await run(["sessions", "prune", "--idle", "--item", "Images/ubuntu", "--yes"]);
  expect(on.stdout).toBe("Nothing to delete. 1 ACTIVE session was left alone: see --idle and --all.\n");
  const asked = await run(["sessions", "prune", "--all"]);
  expect(asked).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("--yes") as string });
  expect(simulator.openSessions).toHaveLength(2);
  const pruned = await run(["sessions", "prune", "--all", "--item", "Images/ubuntu", "--yes", "--json"]);
  expect(eventsOf(pruned.stdout)).toMatchObject([
    { type: "deleted", sessionId: left, state: "ACTIVE", item: "ubuntu" },
    { type: "summary", deleted: 1, gone: 0, leftAlone: 0 },
  ]);
  expect((await run(["sessions", "prune", "--all", "--yes"])).stdout).toContain("1 session deleted.");
});

test("prune continues where a session no longer exists, or cannot be deleted", async ({ simulate }) => {
  const { simulator, run } = await simulate({ libraries });
  const [first = "", second = "", third = ""] = await createSessions(simulator, 3);
  simulator.faults.add({ on: "downloadSession.delete", kind: "status", status: 404, use: 1 });
  simulator.faults.add({ on: "downloadSession.delete", kind: "status", status: 500, use: 2 });
  const { exitCode, stdout, stderr } = await run(["sessions", "prune", "--all", "--yes"]);
  expect(exitCode).toBe(1);
  expect(stdout).toContain("1 session deleted. 1 session no longer existed.");
  expect(stderr).toContain(`Not deleted: "${second}"`);
  expect(simulator.openSessions).toEqual([first, second]);
  expect(stdout).toContain(third);
  expect((await run(["sessions", "prune", "--all", "--yes"])).stdout).toContain("2 sessions deleted.");
});

test("prune --idle leaves a session alone whose files the server does not list", async ({ simulate }) => {
  const { simulator, run } = await simulate({ libraries });
  await createSessions(simulator, 1);
  simulator.faults.add({ on: "downloadSession.file.list", kind: "status", status: 403, times: "always" });
  expect((await run(["sessions", "prune", "--idle", "--yes"])).stdout).toContain("Nothing to delete.");
  expect(await run(["sessions", "prune", "--all", "--yes"])).toMatchObject({ exitCode: 0 });
});
