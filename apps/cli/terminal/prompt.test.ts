import { createClient, passwordAuth } from "@carrel/core";
import { createNodeFetch } from "@carrel/node-stream";
import type { Simulator } from "@carrel/simulator";
import { describe, expect } from "vitest";
import { test } from "../test/support/fixture.ts";
import { leftOn, untilSeen, watch } from "./pictures.ts";
import { openTerminal } from "./terminal.ts";

const libraries = [{ name: "Images", items: [{ name: "ubuntu", files: [{ name: "disk.vmdk", sizeBytes: 5_000 }] }] }];
const interrupted = expect.stringMatching(/^Interrupted/u);

async function leaveSession(simulator: Simulator): Promise<void> {
  await using fetch = createNodeFetch({ thumbprint: simulator.certificate?.sha256 ?? "" });
  await using client = createClient({ endpoint: simulator.url, auth: passwordAuth(simulator.credentials), fetch });
  const { id } = simulator.inventory.item("Images/ubuntu");
  await client.downloadSession.create({ library_item_id: id });
}

describe("sessions prune", () => {
  const question = "Delete 1 session? [y/N]";
  const listed = expect.stringMatching(/^ACTIVE {2}ubuntu {2}/u);
  test.for([
    { keys: ["y", "Enter"], left: [`${question} y`, "1 session deleted.", "exit 0"], kept: 0 },
    { keys: ["n", "Enter"], left: [`${question} n`, "Nothing was deleted.", "exit 0"], kept: 1 },
    { keys: ["Enter"], left: [question, "Nothing was deleted.", "exit 0"], kept: 1 },
    { keys: ["C-d"], left: [question, "Nothing was deleted.", "exit 0"], kept: 1 },
    { keys: ["C-c"], left: [question, interrupted, "exit 130"], kept: 1 },
  ])("answered by $keys", async ({ keys, left, kept }, { simulate }) => {
    const { env, simulator } = await simulate({ libraries });
    await leaveSession(simulator);
    await using terminal = await openTerminal(["sessions", "prune", "--idle"], env, { columns: 100 });
    await untilSeen(terminal, /\[y\/N\]/u);
    await terminal.press(...keys);
    await watch(terminal);
    expect(await leftOn(terminal)).toEqual(["above 1", listed, ...left]);
    expect(simulator.openSessions).toHaveLength(kept);
    simulator.expireDownloadSessions();
  });
});

describe("trust", () => {
  const question = /^Trust this certificate, and no other, for 127\.0\.0\.1:\d+\? \[y\/N\]/u;
  test.for([
    { keys: ["y", "Enter"], left: [/^Trusted for /u, /^exit 0$/u] },
    { keys: ["n", "Enter"], left: [/^carrel: Certificate not trusted: nothing was changed$/u, /^exit 1$/u] },
    { keys: ["C-c"], left: [/^Interrupted/u, /^exit 130$/u] },
  ])("answered by $keys", async ({ keys, left }, { simulate, folder }) => {
    const { env, simulator } = await simulate({ libraries });
    const home = { HOME: folder, XDG_STATE_HOME: "", XDG_CONFIG_HOME: "" };
    await using terminal = await openTerminal(["trust", simulator.url.host], { ...env, ...home }, { columns: 100 });
    await untilSeen(terminal, /\[y\/N\]/u);
    await terminal.press(...keys);
    await watch(terminal);
    const lines = await leftOn(terminal);
    expect(lines.slice(lines.findIndex((line) => question.test(line)) + 1)).toEqual(
      left.map((pattern) => expect.stringMatching(pattern)),
    );
  });
});

describe("a password", () => {
  test("is asked for and not shown", async ({ simulate }) => {
    const { env, simulator } = await simulate({ libraries });
    const { password } = simulator.credentials;
    await using terminal = await openTerminal(["ls"], { ...env, VSPHERE_PASSWORD: "" }, { columns: 100 });
    await untilSeen(terminal, /^Password of /mu);
    await terminal.press("-l", password);
    await terminal.press("Enter");
    await watch(terminal);
    const left = await leftOn(terminal);
    expect(left.join("\n")).not.toContain(password);
    expect(left.at(-1)).toBe("exit 0");
    expect(left.join("\n")).toContain("Images");
  });

  test.for([
    { keys: ["C-c"], left: [interrupted, "exit 130"] },
    { keys: ["x", "C-c"], left: [interrupted, "exit 130"] },
    { keys: ["C-d"], left: ["carrel: No password given", expect.any(String), "exit 2"] },
  ])("is not given by $keys", async ({ keys, left }, { simulate }) => {
    const { env } = await simulate({ libraries });
    await using terminal = await openTerminal(["ls"], { ...env, VSPHERE_PASSWORD: "" }, { columns: 100 });
    await untilSeen(terminal, /^Password of /mu);
    await terminal.press(...keys);
    await watch(terminal);
    expect(await leftOn(terminal)).toEqual(["above 1", expect.stringMatching(/^Password of .*:$/u), ...left]);
  });
});
