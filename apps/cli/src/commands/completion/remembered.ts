import { defined } from "@carrel/core/kit";
import { parsePattern, pathOf } from "../../names/parse-target.ts";
import { printable } from "../../output/printable.ts";
import type { Environment, ProgramIo } from "../../process/program-io.ts";
import { readFleetMemory } from "../../state/fleet-memory.ts";
import { readConfig } from "../../settings/config-file.ts";
import { rememberedPaths } from "../../state/name-memory.ts";
import { readPins } from "../../state/pin-store.ts";
import { readServerSettings } from "../../settings/read-settings.ts";
import { readSessions } from "../../state/session-store.ts";
import type { RememberedKind } from "./command-tree.ts";
import { quoteForBash, readBashLine, readFishWord, readPowerShellWord } from "./shell-words.ts";

/** As many as a person may want to see, and more. */
const maxCandidates = 1000;

/**
 * `carrel __complete SHELL KIND CURRENT [BREAKS] -- WORD...`, which completion scripts run: writes what the current word can be,
 * a line each, from what this machine knows; no server is asked. Bash gives the whole line in place of the word, and gets what
 * it is to insert; the other shells get names, and quote them. Names with control characters and the like are left out: no shell
 * and no terminal must act on them.
 */
export async function completeRemembered(
  args: readonly string[],
  { env, stdout }: Pick<ProgramIo, "env" | "stdout">,
): Promise<void> {
  const [shell, kind = "", current = "", breaks = ""] = args;
  const end = args.indexOf("--");
  const before = end === -1 ? [] : args.slice(end + 1);
  const write = (lines: readonly string[]): void => {
    if (lines.length > 0) stdout.write(lines.map((line) => `${line}\n`).join(""));
  };
  if (shell === "bash") {
    const line = readBashLine(current, breaks);
    const found = await candidates(kind, valueIn(line.current), line.words, env);
    const option = line.current.slice(0, line.current.length - valueIn(line.current).length);
    const rest = found.map((name) => `${option}${name}`).filter((name) => name.startsWith(line.kept));
    return write(rest.flatMap((name) => quoteForBash(name.slice(line.kept.length), line.quote) ?? []));
  }
  const word =
    shell === "fish"
      ? readFishWord(current)
      : shell === "powershell"
        ? readPowerShellWord(current.replace(/^=/u, ""))
        : current;
  write(await candidates(kind, valueIn(word), before, env));
}

/** What follows `--option=`. */
function valueIn(word: string): string {
  return word.replace(/^--[a-z][a-z-]*=/u, "");
}

async function candidates(
  kind: string,
  current: string,
  words: readonly string[],
  env: Environment,
): Promise<readonly string[]> {
  const source = sources[kind as RememberedKind] as (typeof sources)[RememberedKind] | undefined;
  if (source === undefined) return [];
  const found = await source(current, words, env).catch(() => []);
  const offered = found.filter((name) => name.startsWith(current) && !name.startsWith("-") && printable(name) === name);
  return [...new Set(offered)].slice(0, maxCandidates);
}

type Source = (current: string, words: readonly string[], env: Environment) => Promise<readonly string[]>;

const sources: Readonly<Record<RememberedKind, Source>> = {
  member: (current, words, env) => pathsAt(current, 4, words, env),
  path: (current, words, env) => pathsAt(current, 3, words, env),
  item: (current, words, env) => pathsAt(current, 2, words, env),
  library: (current, words, env) => pathsAt(current, 1, words, env),
  "library-name": async (_current, words, env) => (await remembered(words, env)).map((path) => partsOf(path)[0] ?? ""),
  context: async (_current, _words, env) => [...(await readConfig(env)).contexts.keys()],
  mirror: async (_current, _words, env) => (await readFleetMemory(env)).mirrors,
  host: async (_current, _words, env) => (await readPins(env)).map(({ host }) => withoutUsualPort(host)),
  server: async (_current, _words, env) => {
    const [config, pins, sessions] = await Promise.all([readConfig(env), readPins(env), readSessions(env)]);
    return [
      ...[...config.contexts.values()].map(({ server = "" }) => server),
      ...[...sessions.keys()].map((origin) => (origin.startsWith("https://") ? new URL(origin).host : origin)),
      ...pins.map(({ host }) => withoutUsualPort(host)),
    ];
  },
};

function withoutUsualPort(host: string): string {
  return host.replace(/:443$/u, "");
}

/** Paths as deep as the current one. A library ends in a slash where more may follow, which is ignored where none does. */
async function pathsAt(
  current: string,
  most: number,
  words: readonly string[],
  env: Environment,
): Promise<readonly string[]> {
  const isAbsolute = current.startsWith("/");
  const depth = partsOf(isAbsolute ? current.slice(1) : current).length;
  if (depth > most) return [];
  return (await remembered(words, env)).flatMap((path) => {
    const parts = partsOf(path);
    if (parts.length < depth) return [];
    const end = depth === 1 && most > 1 ? "/" : "";
    return `${isAbsolute ? "/" : ""}${pathOf(parts.slice(0, depth))}${end}`;
  });
}

/** Splits also what ends in a slash: an empty name begins there. */
function partsOf(path: string): readonly string[] {
  if (path === "" || path === "/") return [""];
  try {
    const { library = "", item, file, member } = parsePattern(path, { members: true });
    const parts = [library, item, file, member].filter((part) => part !== undefined);
    return pathOf([...parts, ""]) === path ? [...parts, ""] : parts;
  } catch {
    return ["", "", "", "", ""];
  }
}

async function remembered(words: readonly string[], env: Environment): Promise<readonly string[]> {
  const flags = defined({
    server: optionIn(words, "--server"),
    context: optionIn(words, "--context") ?? optionIn(words, "-c"),
  });
  const { server } = await readServerSettings(flags, env);
  return await rememberedPaths(env, server.origin);
}

function optionIn(words: readonly string[], name: string): string | undefined {
  const glued = words.findLast((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
  const at = words.lastIndexOf(name);
  return at === -1 ? glued : words[at + 1];
}
