// `carrel login` and `carrel logout` against vcsim.
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { countApiSessions, sendPinned, type Vcsim } from "../src/index.ts";
import { test } from "./fixture.ts";
import { jsonLines } from "./json-lines.ts";

const sessionPath = "/rest/com/vmware/cis/session";
/** As in a shell that knows where the server is, but not who is to log in. */
const noPassword = { VSPHERE_USER: "", VSPHERE_PASSWORD: "" };

async function tokenIn(file: string, { url }: Vcsim): Promise<string> {
  const kept = JSON.parse(await readFile(file, "utf8")) as Record<string, { token: string }>;
  return kept[url]?.token ?? expect.fail(`${file} keeps no session`);
}

/** Sends a request with a session. Resolves with the status. */
async function sendWith(token: string, vcsim: Vcsim, method: string, path: string): Promise<number | undefined> {
  const headers = { "vmware-api-session-id": token };
  const answer = await sendPinned(new URL(path, vcsim.url), { certificate: vcsim.certificate, method, headers });
  answer.resume();
  return answer.statusCode;
}

describe.for([
  ["HOME", join(".local", "state")],
  ["XDG_STATE_HOME", ""],
] as const)("the session file below %s", ([variable, below]) => {
  test("holds a session and no password, and lets other commands in", async ({ vcsim, content, folder, run }) => {
    const home = { [variable]: folder };
    const file = join(folder, below, "carrel", "sessions.json");
    const login = await run(["login"], home);
    expect(login).toMatchObject({ exitCode: 0, stderr: "" });
    expect(login.stdout).toBe(
      `Logged in to ${new URL(vcsim.url).host} as ${vcsim.user}. "carrel logout" ends the session.\n`,
    );
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(file, "utf8")).not.toContain(vcsim.password);
    const token = await tokenIn(file, vcsim);

    for (const args of [
      ["ls", "Images"],
      ["ls", "Images/ubuntu-24", "--debug"],
      ["get", "Images/ubuntu-24", "-o", join(folder, "out")],
      ["sessions", "ls"],
      ["doctor", "--item", `Images/${content.older.item}`],
    ]) {
      const { exitCode, stdout, stderr } = await run(args, { ...home, ...noPassword });
      expect([args, exitCode]).toEqual([args, 0]);
      expect(stdout + stderr).not.toContain(token);
    }
    // One login for all of them, and none of them has ended it.
    await expect.poll(() => countApiSessions(vcsim.journal)).toBe(1);

    expect(await sendWith(token, vcsim, "GET", "/rest/com/vmware/content/library")).toBe(200);
    expect(await run(["logout"], { ...home, ...noPassword })).toMatchObject({ exitCode: 0, stderr: "" });
    expect(await readFile(file, "utf8")).toBe("{}\n");
    expect(await sendWith(token, vcsim, "GET", "/rest/com/vmware/content/library")).toBe(401);
    expect(await run(["ls"], { ...home, ...noPassword })).toMatchObject({ exitCode: 2 });
  });
});

test("a session that the server has ended exits with 3 and advice", async ({ vcsim, content, folder, run }) => {
  const home = { HOME: folder };
  expect(await run(["login"], home)).toMatchObject({ exitCode: 0 });
  const file = join(folder, ".local", "state", "carrel", "sessions.json");
  expect(await sendWith(await tokenIn(file, vcsim), vcsim, "DELETE", sessionPath)).toBe(200);

  const message = 'The session saved by "carrel login" has ended on the server';
  const told = `carrel: ${message}\n  Log in again: carrel login\n`;
  const settings = { ...home, ...noPassword };
  expect(await run(["ls"], settings)).toEqual({ exitCode: 3, stdout: "", stderr: told });
  const get = await run(["get", `Images/${content.older.item}`, "-o", folder, "--json"], settings);
  expect(get).toMatchObject({ exitCode: 3, stderr: told });
  expect(jsonLines(get.stdout)).toEqual([
    {
      type: "error",
      error: { code: "AUTH", retryable: false, message, hints: ["Log in again: carrel login"], exitCode: 3 },
    },
  ]);
  const doctor = await run(["doctor"], settings);
  expect(doctor).toMatchObject({ exitCode: 3, stderr: "" });
  expect(doctor.stdout).toContain(`failure  login            ${message}\n`);

  // Logging out of it is not an error: it has ended.
  expect(await run(["logout"], settings)).toMatchObject({ exitCode: 0, stderr: "" });
  expect(await run(["logout"], settings)).toMatchObject({
    exitCode: 0,
    stdout: `No session is saved for ${new URL(vcsim.url).host}.\n`,
  });
});

test("a wrong password keeps nothing", async ({ folder, run }) => {
  const home = { HOME: folder };
  const { exitCode, stdout, stderr } = await run(["login"], { ...home, VSPHERE_PASSWORD: "not-the-password" });
  expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: "" });
  expect(stderr).toMatch(/^carrel: The server refused the login: it gave no reason\n {2}Wrong name or password\./u);
  expect(stderr).not.toContain("not-the-password");
  expect(await run(["ls"], { ...home, ...noPassword })).toMatchObject({ exitCode: 2 });
});
