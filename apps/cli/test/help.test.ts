import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { createProgram } from "../src/program.ts";
import { moreHelpOf } from "../src/help/program-command.ts";
import { exitCodes } from "../src/process/cli-error.ts";
import { InterruptedError } from "../src/process/signals.ts";
import { textWidth } from "../src/output/text-width.ts";
import type { Command } from "commander";
import { runCli } from "./support/run-cli.ts";

const packages = fileURLToPath(new URL("../../../packages/", import.meta.url));
const program = createProgram();
const all = withAllBelow(program).filter((command) => command.name() !== "help");
const pathOf = (command: Command): string =>
  command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
const paths = all.map((command) => pathOf(command).split(" ").slice(1));

function withAllBelow(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(withAllBelow)];
}

test.for(all)("the help of $_name has an example", (command) => {
  const blocks = moreHelpOf(command);
  const examples = blocks.findIndex(
    ({ kind, ...block }) => kind === "heading" && "text" in block && block.text === "Examples:",
  );
  const next = blocks[examples + 1];
  expect(next?.kind === "entries" && next.entries.some(({ term }) => term.includes(pathOf(command)))).toBe(true);
});

test("helps name the flags for connecting in one line, and the topic lists them", async () => {
  const [help, topic] = await Promise.all([runCli(["get", "--help"]), runCli(["help", "connection"])]);
  expect(help.stdout).not.toContain("--thumbprint");
  expect(help.stdout.trimEnd().split("\n").at(-1)).toBe("Flags and variables for connecting: carrel help connection");
  for (const flag of [
    "--server",
    "--user",
    "--thumbprint",
    "--ca",
    "--wire",
    "--allow-http-transfers",
    "-c, --context",
  ]) {
    expect(topic.stdout).toContain(`  ${flag} `);
  }
});

test.for(paths)("the help of carrel %s fits 40 columns, except commands", async (path) => {
  const { stdout } = await runCli([...path, "--help"], { COLUMNS: "40" });
  const wide = stdout.split("\n").filter((line) => textWidth(line) > 40);
  expect(wide.filter((line) => !/^ {2}\S/u.test(line) && !/^ {4,}"files"/u.test(line))).toEqual([]);
});

test("carrel help exit-codes lists each exit code", async () => {
  const { stdout } = await runCli(["help", "exit-codes"]);
  const listed = stdout.match(/^ {2}\d+(?= )/gmu)?.map(Number);
  const signals = (["SIGHUP", "SIGINT", "SIGPIPE", "SIGTERM", "SIGBREAK"] as const).map(
    (name) => new InterruptedError(name).exitCode,
  );
  expect(new Set(listed)).toEqual(new Set([...Object.values(exitCodes), ...signals]));
});

test("carrel help environment lists each variable that the code reads, and no other", async () => {
  const sources = [
    fileURLToPath(new URL("../src/", import.meta.url)),
    `${packages}node-stream/src/`,
    `${packages}mirror/src/`,
  ];
  // Node itself reads it.
  const read = new Set<string>(["NODE_EXTRA_CA_CERTS"]);
  for (const directory of sources) {
    for (const file of await readdir(directory, { recursive: true })) {
      // Variables of other tools are only looked at for advice.
      if (!file.endsWith(".ts") || file.endsWith("other-tools.ts")) continue;
      const text = await readFile(directory + file, "utf8");
      // In code, not in comments and examples.
      const code = text.replaceAll(/^\s*(?:\*|\/\/|\/\*\*).*$/gmu, "");
      for (const [, name = ""] of code.matchAll(/\benv(?:ironment)?(?:\[|\.)"?([A-Z][A-Za-z_]+)\b/gu)) read.add(name);
      for (const [, names = ""] of code.matchAll(/const \{([^}]*)\} = (?:io\.)?env;/gu)) {
        for (const name of names.match(/\b[A-Z][A-Z_]+\b/gu) ?? []) read.add(name);
      }
      // Names that are read by a variable: proxies and directories.
      for (const [, name = ""] of code.matchAll(
        /"([A-Z]+(?:_[A-Z]+)*_(?:PROXY|HOME|CA_CERTS)|APPDATA|LOCALAPPDATA|USERPROFILE|HOME)"/gu,
      )) {
        read.add(name);
      }
    }
  }
  const { stdout } = await runCli(["help", "environment"], { COLUMNS: "100" });
  const listed = stdout
    .split("\n")
    .flatMap((line) => /^ {2}([A-Z][A-Za-z_]+(?:, [A-Z_]+)*) {2}/u.exec(line)?.[1]?.split(", ") ?? []);
  expect(new Set(listed)).toEqual(read);
});
