// `carrel sessions` against vcsim, where a session has an hour, never expires, and is gone once it is cancelled or failed.
import { describe, expect } from "vitest";
import { listDownloadSessions, openApiSession, type Vcsim } from "../src/index.ts";
import { test } from "./fixture.ts";
import { jsonLines } from "./json-lines.ts";

const sessions = "/content/library/item/download-session";

/** Creates download sessions like another client, and leaves them open. In the first one, small.txt is prepared. */
async function leaveSessions(vcsim: Vcsim, itemId: string, count: number): Promise<readonly string[]> {
  await using session = await openApiSession(vcsim);
  const ids: string[] = [];
  for (let index = 0; index < count; index += 1) {
    ids.push((await session.call("POST", sessions, { create_spec: { library_item_id: itemId } })) as string);
  }
  const [first] = ids;
  const prepare = `/content/library/item/downloadsession/file/id:${first}?~action=prepare`;
  await session.call("POST", prepare, { file_name: "small.txt" });
  return ids;
}

async function expirationOf(vcsim: Vcsim, id: string): Promise<number> {
  await using session = await openApiSession(vcsim);
  const model = (await session.call("GET", `${sessions}/id:${id}`)) as { expiration_time: string };
  return Date.parse(model.expiration_time);
}

test("ls and show tell item, state, expiry and files, and no transfer URL", async ({ vcsim, content, run }) => {
  const [begun = "", idle = ""] = await leaveSessions(vcsim, content.images.itemId, 2);
  const list = await run(["sessions", "ls"]);
  expect(list).toMatchObject({ exitCode: 0, stderr: "" });
  expect(list.stdout.split("\n")[0]).toMatch(/^STATE +EXPIRES +DONE +FILES {2}ITEM +ID$/u);
  // vcsim does not tell the progress that was reported.
  expect(list.stdout).toMatch(new RegExp(`^ACTIVE +in 60 min +\\? +1/3 {2}ubuntu-26 +${begun}$`, "mu"));
  expect(list.stdout).toMatch(new RegExp(`^ACTIVE +in 60 min +\\? +0/3 {2}ubuntu-26 +${idle}$`, "mu"));

  const { itemId: library_item_id, files } = content.images;
  const json = jsonLines((await run(["sessions", "ls", "--json"])).stdout);
  expect(new Set(json.map(({ sessionId }) => sessionId))).toEqual(new Set([begun, idle]));
  for (const line of json) expect(line).toMatchObject({ item: "ubuntu-26", itemId: library_item_id, state: "ACTIVE" });

  const shown = await run(["sessions", "show", begun]);
  expect(shown).toMatchObject({ exitCode: 0, stderr: "" });
  expect(shown.stdout).toMatch(new RegExp(`^item: +ubuntu-26 {2}${library_item_id}$`, "mu"));
  expect(shown.stdout).toMatch(/^progress: +\?$/mu);
  expect(shown.stdout).toMatch(/^file: +prepared +small\.txt$/mu);
  expect(shown.stdout).toMatch(/^file: +unprepared +large\.iso$/mu);
  const both = jsonLines((await run(["sessions", "show", begun, idle, "--json"])).stdout);
  expect(both.map(({ sessionId }) => sessionId)).toEqual([begun, idle]);
  for (const one of both) expect(one["files"]).toHaveLength(files.length);

  expect(await run(["sessions", "rm", begun, idle])).toEqual({
    exitCode: 0,
    stdout: `deleted: ${begun}\ndeleted: ${idle}\n`,
    stderr: "",
  });
  expect(await run(["sessions", "ls"])).toEqual({
    exitCode: 0,
    stdout: "",
    stderr: "This user has no download sessions.\n",
  });
});

test("keep-alive puts the expiry off", async ({ vcsim, content, run }) => {
  const [id = ""] = await leaveSessions(vcsim, content.images.itemId, 1);
  const before = await expirationOf(vcsim, id);
  const kept = await run(["sessions", "keep-alive", id, "--progress", "40"]);
  expect(kept).toEqual({ exitCode: 0, stdout: `kept alive: ${id}\n`, stderr: "" });
  expect(await expirationOf(vcsim, id)).toBeGreaterThan(before);
  expect(await run(["sessions", "keep-alive", id, "--progress", "101"])).toMatchObject({ exitCode: 2, stdout: "" });
  expect(await run(["sessions", "rm", id])).toMatchObject({ exitCode: 0 });
});

test("cancel and fail say what they did", async ({ vcsim, content, run }) => {
  const [cancelled = "", failed = ""] = await leaveSessions(vcsim, content.images.itemId, 2);
  expect(await run(["sessions", "cancel", cancelled])).toEqual({
    exitCode: 0,
    stdout: `cancelled: ${cancelled}\n`,
    stderr: "",
  });
  expect(await listDownloadSessions(vcsim)).toEqual([failed]);
  expect(await run(["sessions", "fail", failed])).toMatchObject({ exitCode: 2, stdout: "" });
  expect(await run(["sessions", "fail", failed, "--message", "disk full"])).toEqual({
    exitCode: 0,
    stdout: `reported as failed: ${failed}\n`,
    stderr: "",
  });
});

describe("a session that is not there", () => {
  test.for([["show"], ["show", "--json"], ["keep-alive"], ["cancel"], ["fail", "--message", "disk full"], ["rm"]])(
    "%j names it",
    async ([verb = "", ...flags], { content, run }) => {
      // An id of the right form, but of an item.
      const id = content.images.itemId;
      const { exitCode, stdout, stderr } = await run(["sessions", verb, id, ...flags]);
      expect(exitCode).toBe(4);
      const message = `No download session "${id}"`;
      expect(stderr).toBe(`carrel: ${message}\n  List what exists: carrel sessions ls\n`);
      const hints = ["List what exists: carrel sessions ls"];
      const error = { code: "NOT_FOUND", retryable: false, message, hints, exitCode: 4 };
      const event = { type: "error", error };
      expect(jsonLines(stdout)).toEqual(flags.includes("--json") ? [event] : []);
    },
  );

  test("does not undo what was done before it", async ({ vcsim, content, run }) => {
    const [id = ""] = await leaveSessions(vcsim, content.images.itemId, 1);
    const { exitCode, stdout, stderr } = await run(["sessions", "rm", id, id]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 4, stdout: `deleted: ${id}\n` });
    expect(stderr).toContain(id);
  });
});

test("prune leaves active ones, and asks before it deletes idle ones", async ({ vcsim, content, run }) => {
  const [begun = "", idle = ""] = await leaveSessions(vcsim, content.images.itemId, 2);
  expect(await run(["sessions", "prune", "--yes"])).toEqual({
    exitCode: 0,
    stdout: "Nothing to delete. 2 ACTIVE sessions were left alone: see --idle and --all.\n",
    stderr: "",
  });
  const asked = await run(["sessions", "prune", "--idle"]);
  expect(asked).toMatchObject({ exitCode: 2, stdout: `ACTIVE  ubuntu-26  ${idle}\n` });
  expect(asked.stderr).toContain("Pass --yes to proceed.");
  expect(await listDownloadSessions(vcsim)).toHaveLength(2);
  expect((await run(["sessions", "prune", "--idle", "--yes"])).stdout).toBe(
    `ACTIVE  ubuntu-26  ${idle}\n1 session deleted. 1 ACTIVE session was left alone: see --idle and --all.\n`,
  );
  expect(await listDownloadSessions(vcsim)).toEqual([begun]);
  expect(await run(["sessions", "rm", begun])).toMatchObject({ exitCode: 0 });
});
