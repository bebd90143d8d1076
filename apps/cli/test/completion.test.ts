import { spawnSync } from "node:child_process";
import { Command } from "commander";
import { describe, expect, test } from "vitest";
import { commandTree } from "../src/completion/command-tree.ts";
import { fishScript } from "../src/completion/fish-script.ts";
import { zshScript } from "../src/completion/zsh-script.ts";
import { runCli } from "./support/run-cli.ts";

/** What bash offers at the end of each line, as after a Tab there. */
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

describe("bash", () => {
  test("completes commands, options and their values", async () => {
    const { stdout, stderr, exitCode } = await runCli(["completion", "bash"]);
    expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
    const answers = completeInBash(
      stdout,
      ["carrel", "g"],
      ["carrel", "sessions", "keep"],
      ["carrel", "get", "--ex"],
      ["carrel", "get", "--existing", ""],
      ["carrel", "get", "--existing", "=", "o"],
      ["carrel", "completion", ""],
      // The value of an option is no command.
      ["carrel", "sessions", "--user", "ls", "pr"],
      ["carrel", "get", "Images/ubuntu", "--dry"],
      ["carrel", "ls", "--server", ""],
      ["carrel", "mirror", "Images", "/usr/shar"],
      ["carrel", "--vers"],
    );
    expect(answers).toEqual([
      "get",
      "keep-alive",
      "--existing",
      "resume error overwrite",
      "overwrite",
      "bash zsh fish",
      "prune",
      "--dry-run",
      "",
      "/usr/share",
      "--version",
    ]);
  });

  test("offers every command of the help, and none that is hidden", async () => {
    const [{ stdout: script }, { stdout: help }] = await Promise.all([runCli(["completion", "bash"]), runCli(["-h"])]);
    const commands = [...help.matchAll(/^ {2}([a-z]+) /gmu)].map(([, name]) => name);
    const [offered = "", flags = ""] = completeInBash(script, ["carrel", ""], ["carrel", "get", "--"]);
    expect(offered.split(" ")).toEqual(commands);
    expect(flags).toContain("--concurrency");
    expect(flags.split(" ")).not.toContain("--password");
  });
});

describe("zsh and fish", () => {
  const program = new Command("carrel");
  program
    .command("ls")
    .summary("list what's there")
    .option("-l, --long", "show [all] of it")
    .option("--ca <file>", "a");
  program.command("sessions").command("show").argument("[id]").option("--wire <style>", "how: so");
  const tree = commandTree(program);

  test("zsh: a function for each command; descriptions are quoted", () => {
    const script = zshScript(tree);
    expect(script).toMatch(/^#compdef carrel\n/u);
    for (const name of ["_carrel", "_carrel_ls", "_carrel_sessions", "_carrel_sessions_show"]) {
      expect(script).toContain(`\n${name}() {\n`);
    }
    expect(script).toContain(String.raw`'(-l --long)'{-l,--long}'[show \[all\] of it]'`);
    expect(script).toContain(String.raw`'ls:list what'\''s there'`);
    expect(script).toContain("'--ca[a]: :_files'");
  });

  test("fish: a line for each command and option", () => {
    const script = fishScript(tree);
    expect(script).toContain(String.raw`complete -c carrel -n '__carrel_at carrel' -a ls -d 'list what\'s there'`);
    expect(script).toContain("complete -c carrel -n '__carrel_at carrel ls' -s l -l long -d 'show [all] of it'");
    expect(script).toContain("complete -c carrel -n '__carrel_at carrel ls' -l ca -r -F -d 'a'");
    expect(script).toContain("complete -c carrel -n '__carrel_at carrel sessions show' -l wire -x -d 'how: so'");
  });
});

test("an unknown shell is a usage error", async () => {
  const { exitCode, stderr } = await runCli(["completion", "tcsh"]);
  expect(exitCode).toBe(2);
  expect(stderr).toContain("bash, zsh, fish");
});
