import { createClient, passwordAuth } from "@carrel/core";
import type { CarrelClient } from "@carrel/core";
import { createNodeFetch } from "@carrel/node-stream";
import type { Simulator } from "@carrel/simulator";
import { expect } from "vitest";
import { test } from "./support/fixture.ts";

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

test("ls and show tell item, state, expiry, progress and files, and no transfer URL", async ({ simulate }) => {
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
  expect(JSON.parse(json.stdout)).toMatchObject({ id, state: "ACTIVE", item_name: "ubuntu", client_progress: 40 });
  expect(json.stdout).not.toContain("/cls/data");
  expect(await run(["sessions", "rm", id])).toMatchObject({ exitCode: 0, stdout: `deleted: ${id}\n` });
  expect(await run(["sessions", "ls"])).toMatchObject({ exitCode: 0, stdout: "" });
  for (const verb of ["show", "rm", "keep-alive"]) {
    const { exitCode, stderr } = await run(["sessions", verb, id]);
    expect(exitCode).toBe(4);
    expect(stderr).toContain(`There is no download session "${id}".\n  See which there are: carrel sessions ls`);
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
  expect((await run(["sessions", "prune", "--yes"])).stdout).toContain("2 sessions deleted. 1 session left alone.");
  expect(simulator.downloadSessions.map(({ id }) => id)).toEqual([active]);
  expect((await run(["sessions", "prune", "--idle", "--yes"])).stdout).toContain("1 session deleted.");
});
