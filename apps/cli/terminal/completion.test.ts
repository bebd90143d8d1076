// The completion scripts in the shells that they are for. No line here runs the program: the shells would not find it.
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { commandTree } from "../src/commands/completion/command-tree.ts";
import { runCli } from "../test/support/run-cli.ts";
import { bash } from "./shells/bash.ts";
import { fish } from "./shells/fish.ts";
import type { ShellPlace } from "./shells/run-shell.ts";
import type { Offer } from "./shells/shell.ts";
import { zsh } from "./shells/zsh.ts";

const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const shells = [bash, zsh, fish] as const;

/** What is offered at the end of each line, in a folder with some files. */
const cases = [
  // commands
  ["carrel g", ["get"]],
  ["carrel sessions ", ["cancel", "fail", "help", "keep-alive", "ls", "prune", "rm", "show"]],
  ["carrel sessions keep", ["keep-alive"]],
  ["carrel trust ", ["ls", "rm"]],
  ["carrel trust --thumbprint ls r", ["rm"]],
  ["carrel help g", ["get"]],
  ["carrel sessions help pr", ["prune"]],
  ["carrel nope ", []],
  // options
  ["carrel --vers", ["--version"]],
  ["carrel get --ex", ["--existing"]],
  ["carrel get Images/ubuntu --dry", ["--dry-run"]],
  ["carrel get 'Images/a b' --dry", ["--dry-run"]],
  ["carrel get --server https://vc:8443 --dry", ["--dry-run"]],
  ["carrel sessions show --j", ["--json"]],
  ["carrel sessions fail ID --m", ["--message"]],
  ["carrel trust vc --th", ["--thumbprint"]],
  ["carrel trust rm --th", []],
  ["carrel sim --fault x --fau", ["--fault"]],
  ["carrel login --passw", ["--password-stdin"]],
  ["carrel get -- --ex", []],
  // values of options
  ["carrel get --existing ", ["error", "overwrite", "resume", "skip"]],
  ["carrel get --existing o", ["overwrite"]],
  ["carrel get --existing=o", ["overwrite"]],
  ["carrel get --existing=", ["error", "overwrite", "resume", "skip"]],
  ["carrel sim --version ", ["6.7", "7.0", "8.0", "9.1"]],
  ["carrel ls --wire a", ["api", "auto"]],
  ["carrel ls --server ", []],
  ["carrel ls --server n", []],
  // files and folders
  ["carrel get --ca ", ["a file.pem", "folder", "notes.txt"]],
  ["carrel get --ca=n", ["notes.txt"]],
  [String.raw`carrel get --ca a\ f`, ["a file.pem"]],
  ["carrel get --ca 'a f", ["a file.pem"]],
  ["carrel get --ca folder/", ["inner.pem"]],
  ["carrel get --checksum n", ["notes.txt"]],
  ["carrel get -o ", ["folder"]],
  ["carrel get --output f", ["folder"]],
  ["carrel get --output=f", ["folder"]],
  ["carrel sim --seed n", ["notes.txt"]],
  // words at their places
  ["carrel get ", []],
  ["carrel get n", []],
  ["carrel ls Images/", []],
  ["carrel completion ", ["bash", "fish", "powershell", "zsh"]],
  ["carrel completion z", ["zsh"]],
  ["carrel completion bash ", []],
  ["carrel mirror f", []],
  ["carrel mirror Images f", ["folder"]],
  ["carrel mirror Images:new f", ["folder"]],
  ["carrel mirror --concurrency 3 f", []],
  ["carrel mirror --concurrency 3 --context=lab Images f", ["folder"]],
  ["carrel mirror -- Images f", ["folder"]],
  ["carrel mirror Images folder f", ["folder"]],
] as const;

const odd = "show [all] of 'it': a \\ b, `c`, $HOME, \"d\" - 100%";
let place: ShellPlace;

beforeAll(async () => {
  const root = await mkdtemp(join(tmpdir(), "carrel-shells-"));
  place = { folder: join(root, "work"), home: join(root, "home"), commands: join(root, "bin") };
  await mkdir(join(place.folder, "folder"), { recursive: true });
  for (const name of ["a file.pem", "notes.txt", join("folder", "inner.pem")]) {
    await writeFile(join(place.folder, name), "");
  }
  await Promise.all([mkdir(place.home), mkdir(place.commands)]);
  for (const { name } of shells) {
    const { exitCode, stdout, stderr } = await runCli(["completion", name]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    await writeFile(scriptOf(name), stdout);
  }
});

afterAll(async () => {
  await rm(dirname(place.folder), { recursive: true });
});

function scriptOf(name: string): string {
  return join(dirname(place.folder), `completion.${name}`);
}

/** The last part of what a shell writes for a word: some show the whole of it, and some a slash after a folder. */
function lastPart(word: string): string {
  return word
    .replace(/^--[a-z]+=/u, "")
    .replace(/\/$/u, "")
    .replace(/^.*\//u, "");
}

/** Without options where no dash was typed: zsh offers them when nothing else fits. */
function wordsOf(offers: readonly Offer[], line: string): readonly string[] {
  const words = offers.map(({ word }) => lastPart(word));
  return (/ -\S*$/u.test(line) ? words : words.filter((word) => !word.startsWith("-"))).toSorted();
}

describe.for(shells)("$name", (shell) => {
  test.concurrent.for(cases)("%s", async ([line, expected]) => {
    const offers = await shell.complete(shell.load(scriptOf(shell.name)), line, place);
    expect(wordsOf(offers, line)).toEqual(expected);
  });

  test("offers every command and option of the help, and none that is hidden", async () => {
    for (const [command, pattern] of [
      ["", /^ {2}([a-z][a-z-]+) {2}/gmu],
      ["get", /^ {2}(?:-\w, )?(--[a-z-]+)/gmu],
    ] as const) {
      const { stdout: ownHelp } = await runCli([...(command ? [command] : []), "--help"]);
      // The topic lists the flags for connecting.
      const help = ownHelp + (command ? (await runCli(["help", "connection"])).stdout : "");
      const line = command ? `carrel ${command} --` : "carrel ";
      const names = [...new Set([...help.matchAll(pattern)].map(([, name = ""]) => name))];
      const offers = await shell.complete(shell.load(scriptOf(shell.name)), line, place);
      expect(wordsOf(offers, line)).toEqual(names.toSorted());
    }
  });

  test("whatever a description holds is shown as it is", async () => {
    const program = new Command("odd");
    program.command("list").summary(odd).option("--all", odd).option("--from <file>", odd);
    const file = scriptOf(`odd.${shell.name}`);
    await writeFile(file, shell.script(commandTree(program)));
    const description = shell.name === "bash" ? "" : odd;
    for (const [line, word] of [
      ["odd l", "list"],
      ["odd list --a", "--all"],
      ["odd list --f", "--from"],
    ] as const) {
      expect(await shell.complete(shell.load(file), line, place)).toEqual([{ word, description }]);
    }
  });

  test("is loaded as the help says", async () => {
    const command = join(place.commands, "carrel");
    await writeFile(command, `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`);
    await chmod(command, 0o755);
    const offers = await shell.complete(shell.install, "carrel get --ex", place);
    await rm(command);
    expect(offers.map(({ word }) => word)).toEqual(["--existing"]);
  });
});
