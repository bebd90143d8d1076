import { expect } from "vitest";
import { test } from "./support/fixture.ts";
import { eventsOf } from "./support/mirrored.ts";

const libraries = [{ name: "Images" }];

test("carrel trust, login and logout write JSON, and nothing else, with --json", async ({ simulate, folder }) => {
  const { simulator, env, run } = await simulate({ libraries });
  const { host, origin } = simulator.url;
  const home = { HOME: folder, VSPHERE_THUMBPRINT: "" };
  const lines = async (...args: readonly string[]): Promise<readonly unknown[]> => {
    const { exitCode, stdout, stderr } = await run([...args, "--json"], home);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    return stdout === "" ? [] : eventsOf(stdout);
  };
  const since = expect.stringMatching(/^\d{4}-.*Z$/u) as string;
  const trusted = { type: "trusted", host, fingerprint: env["VSPHERE_THUMBPRINT"], since };
  expect(await lines("trust", host, "--yes")).toEqual([trusted]);
  expect(await lines("trust", host, "--yes")).toEqual([trusted]);
  expect(await lines("trust", "ls")).toEqual([trusted]);

  const loggedIn = { type: "loggedIn", server: origin, user: env["VSPHERE_USER"] };
  expect(await lines("login", "--save", "lab")).toEqual([{ ...loggedIn, context: "lab" }]);
  expect(await lines("login")).toEqual([loggedIn]);
  expect(simulator.openApiSessions).toHaveLength(1);
  expect(await lines("logout")).toEqual([{ type: "loggedOut", server: origin, endedOnServer: true }]);
  expect(await lines("logout")).toEqual([]);
  expect(await lines("logout", "--all")).toEqual([]);
  expect(simulator.openApiSessions).toHaveLength(0);

  expect(await lines("trust", "rm", host)).toEqual([{ type: "removed", host }]);
  const asked = await run(["trust", host, "--json"], home);
  expect(asked.exitCode).toBe(2);
  expect(eventsOf(asked.stdout)).toMatchObject([{ type: "error", error: { code: "USAGE", exitCode: 2 } }]);
});
