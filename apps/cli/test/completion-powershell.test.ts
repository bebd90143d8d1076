import { Command } from "commander";
import { expect, test } from "vitest";
import { allCommands, commandTree } from "../src/commands/completion/command-tree.ts";
import { powershellScript } from "../src/commands/completion/powershell-script.ts";
import {
  quoteForBash,
  readBashLine,
  readFishWord,
  readPowerShellWord,
} from "../src/commands/completion/shell-words.ts";
import { runCli } from "./support/run-cli.ts";

/** A PowerShell script without comments: what is outside of strings, and the strings, as PowerShell reads them. */
function readPowerShell(script: string): { readonly code: string; readonly strings: readonly string[] } {
  const single = "'‘’‚‛";
  const strings: string[] = [];
  let code = "";
  for (let index = 0; index < script.length; index += 1) {
    const character = script[index] ?? "";
    if (character === "#") {
      index = script.indexOf("\n", index) - 1;
    } else if (character === '"') {
      const end = /[^`](?=")/u.exec(script.slice(index));
      if (end === null) throw new Error("a string does not end");
      index += end.index + 1;
    } else if (single.includes(character)) {
      let text = "";
      for (index += 1; ; index += 1) {
        const each = script[index];
        if (each === undefined) throw new Error("a string does not end");
        if (!single.includes(each)) text += each;
        else if (single.includes(script[index + 1] ?? " ")) {
          index += 1;
          text += each;
        } else break;
      }
      strings.push(text);
      code += "''";
    } else code += character;
  }
  return { code, strings };
}

// PowerShell itself is not at hand here: what a script must look like is tested, and not what a PowerShell makes of it.
test("powershell: the script has balanced brackets and quotes, and each key of a table once", async () => {
  const { exitCode, stdout: script, stderr } = await runCli(["completion", "powershell"]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  const { code } = readPowerShell(script);
  const open: string[] = [];
  const pairs: Readonly<Record<string, string>> = { ")": "(", "}": "{", "]": "[" };
  for (const [bracket] of code.matchAll(/[()[\]{}]/gu)) {
    if ("([{".includes(bracket)) open.push(bracket);
    else expect(open.pop()).toBe(pairs[bracket]);
  }
  expect(open).toEqual([]);
  for (const [, table = ""] of script.matchAll(/= @\{\n(.*?)\n {4}\}/gsu)) {
    const keys = [...table.matchAll(/^ {8}'([^']+)' = /gmu)].map(([, key = ""]) => key.toLowerCase());
    expect(keys).toHaveLength(table.split("\n").length);
    expect(new Set(keys).size).toBe(keys.length);
  }
});

test("powershell: the script has every command and option of the help, and none that is hidden", async () => {
  const [{ stdout: script }, { stdout: help }, { stdout: ofGet }] = await Promise.all([
    runCli(["completion", "powershell"]),
    runCli(["--help"]),
    runCli(["get", "--help"]),
  ]);
  const { strings } = readPowerShell(script);
  // Its examples begin with its own name.
  const commands = [...help.matchAll(/^ {2}([a-z][a-z-]+) /gmu)]
    .map(([, name = ""]) => name)
    .filter((name) => name !== "carrel");
  expect(commands.length).toBeGreaterThan(10);
  for (const name of commands) expect(strings).toContain(`carrel ${name}`);
  for (const [, flag] of ofGet.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gmu)) expect(strings).toContain(flag);
  expect(strings).not.toContain("--password");
  expect(script).toContain("'carrel get 0*' = '@path'");
  expect(script).toContain("'carrel ls 0*' = '@member'");
  expect(script).toContain("'carrel ls --context' = '@context'");
  expect(script).toContain("'carrel get --existing' = 'resume skip error overwrite'");
});

test("powershell: whatever a description holds stays within its string", () => {
  const odd = "’; touch pwned; ‘ 'it' $(touch pwned) `touch pwned` \"x\" # }";
  const program = new Command("odd");
  program.command("list").summary(odd).option("--all", odd);
  const tree = commandTree(program);
  const { strings, code } = readPowerShell(powershellScript(tree));
  expect(strings.filter((text) => text === odd)).toHaveLength(2);
  expect(code).not.toContain("touch");
  expect(allCommands(tree)).toHaveLength(3);
});

test.for([
  ["carrel ls Im", ["carrel", "ls"], "Im", "", ""],
  ["carrel ls ", ["carrel", "ls"], "", "", ""],
  [String.raw`carrel  ls a\ b\'c`, ["carrel", "ls"], "a b'c", "", ""],
  ["carrel ls 'a b", ["carrel", "ls"], "a b", "'", ""],
  ["carrel ls x/'a b", ["carrel", "ls"], "x/a b", "'", "x/"],
  [String.raw`carrel ls "a\"b\c$`, ["carrel", "ls"], String.raw`a"b\c$`, '"', ""],
  ["carrel ls a:b", ["carrel", "ls"], "a:b", "", "a:"],
  [String.raw`carrel ls a\:b`, ["carrel", "ls"], "a:b", "", ""],
  ["carrel ls 'a:b'c", ["carrel", "ls"], "a:bc", "", ""],
  ["carrel --context='my lab' ls --library=I", ["carrel", "--context=my lab", "ls"], "--library=I", "", "--library="],
  ["carrel ls ''", ["carrel", "ls"], "", "", ""],
  ["carrel ls a\\", ["carrel", "ls"], "a", "", ""],
] as const)("bash: %s is read as bash reads it", ([line, words, current, quote, kept]) => {
  expect(readBashLine(line, " \t\n\"'@><=;|&(:")).toEqual({ words, current, quote, kept });
});

test("bash: what is quoted is read back", () => {
  for (const text of ["a b", "$(x)`y`", "a'b", 'a"b', String.raw`a\b`, "*?[x]{y}~#!;|&<>()", "Größe 日本"]) {
    expect(readBashLine(`x ${quoteForBash(text, "") ?? ""}`, ":=@")).toMatchObject({ current: text, quote: "" });
    expect(readBashLine(`x '${quoteForBash(text, "'") ?? ""}'`, ":=@")).toMatchObject({ current: text });
  }
  expect(quoteForBash("a!b", '"')).toBeUndefined();
});

test.for([
  [String.raw`a\ b`, "a b"],
  ["'a b", "a b"],
  [String.raw`'it\'s'`, "it's"],
  [String.raw`"a\$b\c`, String.raw`a$b\c`],
] as const)("fish: %s is read as fish reads it", ([word, text]) => {
  expect(readFishWord(word)).toBe(text);
});

test.for([
  ["a` b", "a b"],
  ["'it''s", "it's"],
  ["'a b'", "a b"],
  ["’a’’b", "a’b"],
  ['"a`"b""c"', 'a"b"c'],
  ["'", ""],
] as const)("powershell: %s is read as PowerShell reads it", ([word, text]) => {
  expect(readPowerShellWord(word)).toBe(text);
});
