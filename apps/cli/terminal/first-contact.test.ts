// The question whether to trust a certificate, where a command meets one that is not known.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { test } from "../test/support/fixture.ts";
import { leftOn, untilSeen, watch } from "./pictures.ts";
import { openTerminal } from "./terminal.ts";

const libraries = [{ name: "Images" }];
const question = /^Trust this certificate, and no other, for 127\.0\.0\.1:\d+\? \[y\/N\]/mu;
const homeOf = (folder: string): Readonly<Record<string, string>> => ({
  HOME: folder,
  XDG_STATE_HOME: "",
  XDG_CONFIG_HOME: "",
  VSPHERE_THUMBPRINT: "",
});

describe("an unknown certificate", () => {
  test("is shown by login, asked about and pinned before the password is asked for", async ({ simulate, folder }) => {
    const simulated = await simulate({ libraries });
    const { env, simulator } = simulated;
    const { password } = simulator.credentials;
    const { sha256 = "" } = simulator.certificate ?? {};
    const bare = { ...env, ...homeOf(folder), VSPHERE_PASSWORD: "" };
    await using terminal = await openTerminal(["login", "--save", "lab"], bare, { columns: 120 });
    await untilSeen(terminal, question);
    expect(simulator.journal).toEqual([]);
    const shown = await terminal.screen();
    expect(shown).toMatch(/^The certificate of 127\.0\.0\.1:\d+ is not known yet\.$/mu);
    expect(shown).toContain(`SHA-256  ${sha256}`);
    expect(shown).toMatch(/^ {2}SHA-1 {4}(?:[\dA-F]{2}:){19}[\dA-F]{2}$/mu);
    expect(shown).not.toContain("Password of");
    await terminal.press("y", "Enter");
    await untilSeen(terminal, /^Password of /mu);
    await terminal.press("-l", password);
    await terminal.press("Enter");
    await watch(terminal);
    const left = await leftOn(terminal);
    expect(left.slice(left.findIndex((line) => question.test(line)) + 1)).toEqual([
      expect.stringMatching(/^Trusted for /u),
      expect.stringMatching(/^Password of /u),
      expect.stringMatching(/^Logged in to /u),
      'Saved as context "lab", the default.',
      "exit 0",
    ]);
    expect(await readFile(join(folder, ".local", "state", "carrel", "trust.json"), "utf8")).toContain(sha256);
    expect(await simulated.run(["logout"], homeOf(folder))).toMatchObject({ exitCode: 0 });
  });

  test.for([
    { keys: ["n", "Enter"], left: ["carrel: Certificate not trusted: nothing was sent", "exit 6"] },
    { keys: ["Enter"], left: ["carrel: Certificate not trusted: nothing was sent", "exit 6"] },
    { keys: ["C-c"], left: [expect.stringMatching(/^Interrupted/u), "exit 130"] },
  ])("is not trusted by $keys, and nothing is sent", async ({ keys, left }, { simulate, folder }) => {
    const { env, simulator } = await simulate({ libraries });
    await using terminal = await openTerminal(["login"], { ...env, ...homeOf(folder) }, { columns: 120 });
    await untilSeen(terminal, question);
    await terminal.press(...keys);
    await watch(terminal);
    const lines = await leftOn(terminal);
    expect(lines.slice(lines.findIndex((line) => question.test(line)) + 1)).toEqual(left);
    expect(simulator.journal).toEqual([]);
  });

  test("is asked about by other commands too, with a password at hand", async ({ simulate, folder }) => {
    const { env } = await simulate({ libraries });
    await using terminal = await openTerminal(["ls"], { ...env, ...homeOf(folder) }, { columns: 120 });
    await untilSeen(terminal, question);
    await terminal.press("y", "Enter");
    await watch(terminal);
    const left = await leftOn(terminal);
    expect(left.at(-1)).toBe("exit 0");
    expect(left.join("\n")).toMatch(/local +0 +Images/u);
  });

  test.for([
    { what: "with --json", args: ["ls", "--json"], more: {} },
    { what: "where standard output goes elsewhere", args: ["ls"], more: {}, stdout: "/dev/null" },
    { what: "where another one is pinned", args: ["ls"], more: { VSPHERE_THUMBPRINT: "AB".repeat(32) } },
  ])("is not asked about $what", async ({ args, more, stdout }, { simulate, folder }) => {
    const { env, simulator } = await simulate({ libraries });
    const all = { ...env, ...homeOf(folder), ...more };
    const size = { columns: 120, rows: 40 };
    await using terminal = await openTerminal(args, all, stdout === undefined ? size : { ...size, stdout });
    await watch(terminal);
    const left = await leftOn(terminal);
    expect(left.at(-1)).toBe("exit 6");
    expect(left.join("\n")).not.toContain("[y/N]");
    expect(simulator.journal).toEqual([]);
  });

  test("is not asked about where carrel trust knows another one", async ({ simulate, folder }) => {
    const simulated = await simulate({ libraries });
    const { env, simulator } = simulated;
    const all = { ...env, ...homeOf(folder) };
    expect(await simulated.run(["trust", "--yes", simulator.url.host], homeOf(folder))).toMatchObject({ exitCode: 0 });
    const path = join(folder, ".local", "state", "carrel", "trust.json");
    const pins = await readFile(path, "utf8");
    await writeFile(path, pins.replaceAll(/(?<="sha256": ")[\dA-F:]+/gu, Array(32).fill("AB").join(":")));
    await using terminal = await openTerminal(["login"], all, { columns: 120 });
    await watch(terminal);
    const left = await leftOn(terminal);
    expect(left.at(-1)).toBe("exit 6");
    expect(left.join("\n")).not.toContain("[y/N]");
    expect(simulator.journal).toEqual([]);
  });
});
