import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { expect, test } from "vitest";
import { manualPages } from "../src/help/manual.ts";
import { helpOptions } from "../src/help/program-command.ts";
import { createProgram } from "../src/program.ts";

const program = createProgram();
const pages = manualPages(program);
const commands = program.commands.filter((command) => command.name() !== "help");
const pageOf = (command: Command): string => pages.get(`carrel-${command.name()}.1`) ?? "";

test("manualPages writes a page for the program and for each command", () => {
  const names = ["carrel.1", ...commands.map((command) => `carrel-${command.name()}.1`)];
  expect([...pages.keys()].toSorted()).toEqual(names.toSorted());
});

test("the built package has the pages, and its package.json names each of them", async () => {
  const root = fileURLToPath(new URL("../", import.meta.url));
  const { man } = JSON.parse(await readFile(`${root}package.json`, "utf8")) as { man: readonly string[] };
  expect(man.toSorted()).toEqual([...pages.keys()].map((name) => `./dist/man/${name}`).toSorted());
  expect((await readdir(`${root}dist/man`)).toSorted()).toEqual([...pages.keys()].toSorted());
  for (const [name, page] of pages) expect(await readFile(`${root}dist/man/${name}`, "utf8")).toBe(page);
});

test.for(commands.map((command) => [command.name(), command] as const))(
  "the page of %s names its options and those of its commands",
  ([, command]) => {
    for (const each of [command, ...command.commands.filter((child) => child.name() !== "help")]) {
      expect(pageOf(command)).toContain(
        `.B carrel ${each === command ? "" : `${command.name()} `}${each.name()}`.replaceAll("-", "\\-"),
      );
      for (const { flags } of helpOptions(each).options)
        expect(pageOf(command)).toContain(flags.replaceAll("-", "\\-"));
    }
  },
);

test("the page of the program has every topic", () => {
  for (const section of ["CONNECTION", "ENVIRONMENT", "EXIT STATUS", "JSON", "NAMES"]) {
    expect(pages.get("carrel.1")).toContain(`\n.SH ${section}\n`);
  }
});

test("pages are ASCII, and no line of text looks like a request", () => {
  const requests = new Set([".TH", ".SH", ".SS", ".TP", ".PP", ".B", ".br", ".nf", ".fi"]);
  for (const page of pages.values()) {
    expect(page).toMatch(/^[\n -~]*$/u);
    for (const line of page.split("\n")) {
      if (/^[.']/u.test(line)) expect(requests).toContain(line.split(" ")[0]);
    }
  }
});
