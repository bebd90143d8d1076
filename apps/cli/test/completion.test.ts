import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { runCli } from "./support/run-cli.ts";

const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));

/** What bash's completion function has to say to each line. */
function completeInBash(script: string, ...lines: readonly (readonly string[])[]): readonly string[] {
  const ask = (words: readonly string[]): string =>
    `COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}; _carrel; echo "\${COMPREPLY[*]}"`;
  const input = [script, "complete -p carrel", ...lines.map(ask)].join("\n");
  const { stdout, stderr, status } = spawnSync("bash", ["--noprofile", "--norc"], { input, encoding: "utf8" });
  expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  const [registered, ...answers] = stdout.trimEnd().split("\n");
  expect(registered).toBe("complete -F _carrel carrel");
  return answers;
}

// What the scripts offer is tested in the shells themselves: npm run test:terminal.
test("bash: offers every command of the help, and none that is hidden", async () => {
  const [{ stdout: script }, { stdout: help }] = await Promise.all([runCli(["completion", "bash"]), runCli(["-h"])]);
  const commands = [...help.matchAll(/^ {2}([a-z][a-z-]*) {2}/gmu)].map(([, name]) => name);
  const [offered = "", flags = ""] = completeInBash(script, ["carrel", ""], ["carrel", "get", "--"]);
  expect(offered.split(" ")).toEqual(commands);
  expect(flags).toContain("--concurrency");
  expect(flags.split(" ")).not.toContain("--password");
});

test("an unknown shell is a usage error", async () => {
  const { exitCode, stderr } = await runCli(["completion", "tcsh"]);
  expect(exitCode).toBe(2);
  expect(stderr).toContain("bash, zsh, fish");
});

test.for([[["--help"]], [["sessions", "--help"]], [["completion", "zsh"]]])(
  "%j ends quietly when nobody reads it",
  async ([args = []]) => {
    const child = spawn(process.execPath, [main, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.destroy();
    const closed = once(child, "close");
    expect(await text(child.stderr)).toBe("");
    expect(await closed).toEqual([141, null]);
  },
);
