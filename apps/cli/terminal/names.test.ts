import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startSimulator } from "@carrel/simulator";
import { until } from "@carrel/test-kit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pathOf } from "../src/names/parse-target.ts";
import { runCli } from "../test/support/run-cli.ts";
import { bash } from "./shells/bash.ts";
import { fish } from "./shells/fish.ts";
import { insertAndRun } from "./shells/insert.ts";
import type { ShellPlace } from "./shells/run-shell.ts";
import { zsh } from "./shells/zsh.ts";
import { openTerminal } from "./terminal.ts";

const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const shells = [bash, zsh, fish];

/** Each begins with a letter of its own, so that it is the only one that fits. */
const odd = [
  "a blank  or two",
  "b'single' and \"double\"",
  "c:colon=equals@at",
  "d$HOME ${HOME} $(touch pwned)",
  "e`touch pwned`",
  "f;touch pwned;",
  "g|touch pwned&",
  "h' ; touch pwned ; '",
  'i" ; touch pwned ; "',
  "j\\backslash \\n",
  "k*[x]?{y,z}~",
  "lGröße 日本語",
  "m!history !! #comment",
  "n>pwned <pwned",
  "o/slash",
  "p(touch pwned)",
  "q%s ^hat^",
];
const hidden = ["r\u001B[2Jescape", "s\ntouch pwned", "t\u202Ereversed"];

let root: string;
let place: ShellPlace;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "carrel-names-"));
  place = { folder: join(root, "work"), home: join(root, "home"), commands: join(root, "bin") };
  const [config, state] = [join(place.home, ".config", "carrel"), join(place.home, ".local", "state", "carrel")];
  for (const folder of [place.folder, place.commands]) await mkdir(folder, { recursive: true });
  for (const folder of [config, state]) await mkdir(folder, { recursive: true, mode: 0o700 });
  const contexts = { lab: { server: "vc.example.com" }, "my lab": { server: "vc2.example.com:8443" } };
  await writeFile(join(config, "config.json"), JSON.stringify({ defaultContext: "lab", contexts }));
  const names = [...odd, ...hidden, "--option"];
  const paths = ["Images", ...names.map((name) => pathOf(["Images", name])), ...names.map((name) => pathOf([name]))];
  const remembered = { "https://vc.example.com": paths, "https://vc2.example.com:8443": ["Other", "Other/x"] };
  await writeFile(join(state, "names.json"), JSON.stringify(remembered), { mode: 0o600 });
  const pins = { "vc.example.com:443": { sha256: Array.from({ length: 32 }, () => "AB").join(":") } };
  await writeFile(join(state, "trust.json"), JSON.stringify(pins), { mode: 0o600 });
  for (const { name } of shells) {
    await writeFile(join(root, `completion.${name}`), (await runCli(["completion", name])).stdout);
  }
  // Completion is answered by the program. Everything else is written down.
  const command = join(place.commands, "carrel");
  const script = `#!/bin/sh
if [ "$1" = __complete ]; then exec '${process.execPath}' '${main}' "$@"; fi
for word; do printf '%s\\0' "$word"; done >> "$HOME/args"
printf '\\n\\0' >> "$HOME/args"
`;
  await writeFile(command, script);
  await chmod(command, 0o755);
});

afterAll(async () => {
  await rm(root, { recursive: true });
});

describe.for(shells)("$name", (shell) => {
  const load = (): string => shell.load(join(root, `completion.${shell.name}`));
  const offered = async (line: string): Promise<readonly string[]> =>
    (await shell.complete(load(), line, place))
      .map(({ word }) => word.replace(/^--[a-z]+=/u, ""))
      .filter((word) => !word.startsWith("-"))
      .toSorted();

  test.concurrent.for([
    ["carrel ls Im", ["Images/"]],
    ["carrel ls /Im", ["/Images/"]],
    ["carrel ls nothing", []],
    ["carrel --context 'my lab' ls ", ["Other/"]],
    ["carrel ls --context=my\\ lab ", ["Other/"]],
    ["carrel ls --server vc2.example.com:8443 Other/", ["Other/x"]],
    ["carrel ls --server vc3.example.com ", []],
    ["carrel find x --library Im", ["Images"]],
    ["carrel mirror Im", ["Images"]],
    ["carrel context use l", ["lab"]],
    ["carrel trust rm v", ["vc.example.com"]],
    ["carrel ls --server vc.", ["vc.example.com"]],
  ] as const)("%s", async ([line, expected]) => {
    expect(await offered(line)).toEqual(expected);
  });

  /** What the program was called with, line by line, in a home of its own. */
  const inserted = async (lines: readonly string[]): Promise<readonly (readonly string[])[]> => {
    const own = await mkdtemp(join(root, "run-"));
    const apart = { ...place, folder: join(own, "work"), home: join(own, "home") };
    await mkdir(apart.folder);
    await cp(place.home, apart.home, { recursive: true });
    await insertAndRun(shell, load(), lines, apart);
    const calls = await readFile(join(apart.home, "args"), "utf8");
    expect(await readdir(apart.folder)).toEqual([]);
    return calls
      .split("\0\n\0")
      .slice(0, -1)
      .map((call) => call.split("\0"));
  };

  test.concurrent.for([
    ["items", "info Images/", (name: string) => ["info", pathOf(["Images", name])]],
    ["libraries", "mirror ", (name: string) => ["mirror", pathOf([name])]],
  ] as const)(
    "names of %s with characters that mean something to a shell are inserted as they are, and nothing is run",
    async ([, words, callOf]) => {
      const calls = await inserted(odd.map((name) => `carrel ${words}${name.slice(0, 1)}`));
      expect(calls).toEqual(odd.map(callOf));
    },
  );

  // Fish says what it would insert for the whole word, and leaves out the quote.
  test.concurrent.for(shell.name === "fish" ? [] : [["'"], ['"']])("within %s, too", async ([quote]) => {
    const names = odd.filter((each) => !each.includes("!") && !each.includes("/"));
    const calls = await inserted(names.map((name) => `carrel info ${quote}Images/${name.slice(0, 1)}`));
    expect(calls).toEqual(names.map((name) => ["info", `Images/${name}`]));
  });

  test("names with control characters, and options, are not offered", async () => {
    const lines = hidden.flatMap((name) => [`info Images/${name.slice(0, 1)}`, `mirror ${name.slice(0, 1)}`]);
    for (const offers of await Promise.all(lines.map((line) => offered(`carrel ${line}`)))) expect(offers).toEqual([]);
    expect((await shell.complete(load(), "carrel mirror --opt", place)).map(({ word }) => word)).toEqual([]);
    expect(await readdir(place.folder)).toEqual([]);
  });
});

test("what ls shows at a terminal is offered from then on, privately, until logout", async () => {
  const home = join(root, "another");
  await mkdir(home);
  await using simulator = await startSimulator({
    libraries: [{ name: "Templates", items: [{ name: "photon 5" }, { name: "debian" }] }],
  });
  const env = {
    HOME: home,
    VSPHERE_SERVER: simulator.url.href,
    VSPHERE_USER: simulator.credentials.username,
    VSPHERE_PASSWORD: simulator.credentials.password,
    NO_COLOR: "1",
  };
  const names = join(home, ".local", "state", "carrel", "names.json");
  await runCli(["ls", "Templates"], env);
  await expect(stat(names)).rejects.toThrow("ENOENT");
  {
    await using terminal = await openTerminal(["ls", "Templates"], env, { columns: 80 });
    await until(async () => (await terminal.screen()).includes("exit 0"));
  }
  const remembered = JSON.parse(await readFile(names, "utf8")) as Record<string, readonly string[]>;
  expect(Object.keys(remembered)).toEqual([simulator.url.origin]);
  expect(remembered[simulator.url.origin]?.toSorted()).toEqual(["Templates/debian", "Templates/photon 5"]);
  expect((await stat(names)).mode & 0o777).toBe(0o600);
  expect((await stat(join(names, ".."))).mode & 0o777).toBe(0o700);
  await runCli(["logout"], env);
  expect(JSON.parse(await readFile(names, "utf8"))).toEqual({});
});
