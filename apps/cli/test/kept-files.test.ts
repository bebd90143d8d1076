import { chmod, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { test } from "./support/fixture.ts";

const libraries = [{ name: "Images" }];
const inState = (home: string, name: string): string => join(home, ".local", "state", "carrel", name);

async function keep(home: string, name: string, text: string): Promise<string> {
  const path = inState(home, name);
  await mkdir(join(path, ".."), { recursive: true });
  await writeFile(path, text, { mode: 0o600 });
  return path;
}

async function configure(home: string, text: string): Promise<string> {
  const path = join(home, ".config", "carrel", "config.json");
  await mkdir(join(path, ".."), { recursive: true });
  await writeFile(path, text);
  return path;
}

describe("login", () => {
  test("ends the session saved before, and saves one", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries });
    const home = { HOME: folder };
    expect(await run(["login"], home)).toMatchObject({ exitCode: 0, stderr: "" });
    const again = await run(["login"], home);
    expect(again).toMatchObject({ exitCode: 0, stderr: "" });
    expect(again.stdout).toContain("The session saved before has ended.");
    expect(simulator.openApiSessions).toHaveLength(1);
    expect(await run(["ls"], { ...home, VSPHERE_PASSWORD: "" })).toMatchObject({ exitCode: 0 });
    expect(await run(["logout"], home)).toMatchObject({ exitCode: 0 });
  });

  test("at several servers at once loses none of them", async ({ simulate, folder }) => {
    const servers = [await simulate({ libraries }), await simulate({ libraries }), await simulate({ libraries })];
    const home = { HOME: folder };
    const runs = await Promise.all(servers.map((server) => server.run(["login"], home)));
    for (const run of runs) expect(run).toMatchObject({ exitCode: 0, stderr: "" });
    const kept = JSON.parse(await readFile(inState(folder, "sessions.json"), "utf8")) as object;
    expect(Object.keys(kept).toSorted()).toEqual(servers.map(({ simulator }) => simulator.url.origin).toSorted());
    for (const server of servers) expect(await server.run(["logout"], home)).toMatchObject({ exitCode: 0 });
  });

  test.runIf(process.platform !== "win32")(
    "makes a file private that others could read",
    async ({ simulate, folder }) => {
      const { run } = await simulate({ libraries });
      const path = await keep(folder, "sessions.json", "{}");
      await chmod(path, 0o644);
      const { exitCode } = await run(["login"], { HOME: folder });
      expect(exitCode).toBe(0);
      expect((await stat(path)).mode & 0o777).toBe(0o600);
      expect(await run(["logout"], { HOME: folder })).toMatchObject({ exitCode: 0 });
    },
  );

  test("says what to do about a file that cannot be read", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries });
    const path = await keep(folder, "sessions.json", "{");
    const { exitCode, stderr } = await run(["login"], { HOME: folder });
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain(path);
    expect(stderr).toContain("Delete it, and log in again");
    expect(simulator.openApiSessions).toEqual([]);
  });
});

test("logout of a server that no longer exists removes the session from the file", async ({ simulate, folder }) => {
  const { run } = await simulate({ libraries });
  const kept = { "https://gone.invalid": { user: "reader", token: "not-to-be-shown", since: "2026-01-01" } };
  const path = await keep(folder, "sessions.json", JSON.stringify(kept));
  const { exitCode, stdout, stderr } = await run(["logout", "--all"], { HOME: folder, VSPHERE_SERVER: "" });
  expect(exitCode).toBe(0);
  expect(stdout).toContain("Removed the session of gone.invalid from this machine.");
  expect(stdout + stderr).not.toContain("not-to-be-shown");
  expect(JSON.parse(await readFile(path, "utf8"))).toEqual({});
});

describe("trust.json", () => {
  test.for(['{"x:443":null}', '{"x:443":{"sha256":"zz"}}', "{", "[]"])(
    "%s is named by its path, with advice",
    async (text, { simulate, folder }) => {
      const { run } = await simulate({ libraries });
      const path = await keep(folder, "trust.json", text);
      const { exitCode, stderr } = await run(["trust", "ls"], { HOME: folder });
      expect(exitCode).not.toBe(0);
      expect(stderr).toContain(path);
      expect(stderr).not.toContain("destructure");
      expect(stderr).not.toContain("With --debug");
    },
  );
});

describe("config.json", () => {
  test("may begin with a byte order mark", async ({ simulate, folder }) => {
    const { env, run } = await simulate({ libraries });
    const contexts = { lab: { server: env["VSPHERE_SERVER"] } };
    await configure(folder, `\uFEFF${JSON.stringify({ defaultContext: "lab", contexts })}`);
    expect(await run(["ls"], { HOME: folder, VSPHERE_SERVER: "" })).toMatchObject({ exitCode: 0, stderr: "" });
  });

  test("that is invalid is reported with line and column", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries });
    const path = await configure(folder, '{\n  "contexts": {\n    "lab": { "server": "a", }\n  }\n}');
    const { exitCode, stderr } = await run(["ls"], { HOME: folder });
    expect(exitCode).toBe(2);
    expect(stderr).toContain(path);
    expect(stderr).toMatch(/line 3/u);
  });

  test("with contexts that are a list is refused", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries });
    await configure(folder, '{"contexts": []}');
    expect(await run(["ls"], { HOME: folder })).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('"contexts" must be an object') as string,
    });
  });
});
