import { expect } from "vitest";
import { archived, disk, eula } from "../test/support/archives.ts";
import { test } from "../test/support/fixture.ts";
import { leftOn, watch } from "./pictures.ts";
import { openTerminal } from "./terminal.ts";

const libraries = archived([eula, disk]);
const inArchive = "T/photon/photon.ova";

test("carrel cat shows text on a terminal with its control characters as escapes", async ({ simulate }) => {
  const { env, simulator } = await simulate({ libraries });
  await using terminal = await openTerminal(["cat", String.raw`${inArchive}/texts\/eula.txt`], env, { columns: 80 });
  await watch(terminal);
  expect(await leftOn(terminal)).toEqual([
    "above 1",
    String.raw`Be good.\u{1b}[2J`,
    "texts/eula.txt: 13 B, UNVERIFIED: no manifest in the archive names it",
    "exit 0",
  ]);
  expect(simulator.openSessions).toEqual([]);
});

test.for([
  ["cat", `${inArchive}/${disk.name}`],
  ["get", inArchive, "-o", "-"],
])("carrel %s does not show on a terminal what is not text", async (args, { simulate }) => {
  const { env, simulator } = await simulate({ libraries });
  await using terminal = await openTerminal(args, env, { columns: 100 });
  await watch(terminal);
  const name = args[0] === "cat" ? disk.name : "photon.ova";
  expect(await leftOn(terminal)).toEqual([
    "above 1",
    `carrel: Cannot show "${name}" on a terminal: it is not text in UTF-8`,
    expect.stringMatching(/^ {2}To write it to a file: carrel cat "T\/photon\/photon\.ova.*" > NAME$/u),
    "  To write it to the terminal as it is: carrel cat --force",
    "exit 2",
  ]);
  expect(simulator.openSessions).toEqual([]);
});

test("carrel cat --force writes to a terminal what there is", async ({ simulate }) => {
  const { env } = await simulate({ libraries: archived([{ name: "big", content: "one\u001B[3Dtwo\n" }]) });
  await using terminal = await openTerminal(["cat", `${inArchive}/big`, "--force"], env, { columns: 80 });
  await watch(terminal);
  expect((await leftOn(terminal))[1]).toBe("two");
});
