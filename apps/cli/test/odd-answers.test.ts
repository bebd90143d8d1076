import { join } from "node:path";
import process from "node:process";
import { createClient, passwordAuth } from "@carrel/core";
import type { Simulator } from "@carrel/simulator";
import { expect } from "vitest";
import { descriptor } from "./support/descriptor.ts";
import { password, test } from "./support/fixture.ts";
import { startMutatingProxy } from "./support/mutating-proxy.ts";
import { OddAnswers } from "./support/odd-answers.ts";
import { runCli } from "./support/run-cli.ts";
import type { CliRun } from "./support/run-cli.ts";

// More of them by hand: ODD_ANSWERS_RUNS=2000 ODD_ANSWERS_SEED=7
const runs = Number(process.env["ODD_ANSWERS_RUNS"] ?? 80);
const seed = Number(process.env["ODD_ANSWERS_SEED"] ?? 1);

const libraries = [
  {
    name: "Images",
    items: [
      { name: "debian", type: "iso", files: [{ name: "a.iso", sizeBytes: 5_000 }] },
      { name: "photon", type: "ovf", files: [{ name: "photon.ovf", text: descriptor }] },
    ],
  },
  { name: "Branch", type: "SUBSCRIBED", onDemand: true, items: [{ name: "remote" }] },
] as const;
const commands: readonly (readonly string[])[] = [
  ["ls"],
  ["ls", "Images", "-l"],
  ["ls", "Images/debian", "-l"],
  ["find", "d", "--files"],
  ["find", "photon", "--exact"],
  ["info", "Images"],
  ["info", "Images/photon"],
  ["sync", "Branch", "--timeout", "0.5"],
  ["sync", "Branch/remote", "--timeout", "0.5"],
  ["get", "Images/debian", "-o", "FOLDER", "--prepare-timeout", "2"],
  ["get", "Images/d*", "--dry-run"],
  ["mirror", "Images", "FOLDER", "--prepare-timeout", "2"],
  ["sessions", "ls"],
  ["sessions", "show", "SESSION"],
  ["sessions", "prune", "--all", "--yes"],
  ["doctor"],
  ["login"],
];

test(
  "whatever a server answers, a run ends with a sentence and an exit code that means something",
  {
    timeout: 60_000 + runs * 1_000,
  },
  async ({ simulate, folder }) => {
    for (let run = 0; run < runs; run += 1) {
      const odd = new OddAnswers(seed * 1_000_000 + run);
      const version = odd.pick(["6.7", "8.0", "9.1"] as const);
      const { simulator, env } = await simulate({ libraries, tls: false, version });
      await using proxy = await startMutatingProxy(simulator.url, odd.mutate);
      const home = join(folder, String(run));
      const words: Readonly<Record<string, string>> = {
        FOLDER: join(home, "out"),
        SESSION: await openSession(simulator),
      };
      const command = odd.pick(commands);
      const flags = [...odd.pick([[], ["--debug"]]), ...(command[0] === "login" ? [] : odd.pick([[], ["--json"]]))];
      const args = [...command.map((word) => words[word] ?? word), ...flags];
      const ended = await runCli(args, { ...env, VSPHERE_SERVER: proxy.url.origin, HOME: home });
      const told = `run ${run}: ${args.join(" ")}\n${ended.stdout}\n${ended.stderr}\n${odd.log.join("\n")}`;
      expect([told, problemsOf(ended, args)]).toEqual([told, []]);
      // What was spoilt may leave a session, which is not what is looked at here.
      simulator.expireDownloadSessions();
      simulator.expireApiSessions();
    }
  },
);

/** Answers of a wrong kind, with what is said of them: the operation, the member, and what it is. */
const wrongKinds: readonly {
  readonly args: readonly string[];
  readonly path: RegExp;
  readonly change: Readonly<Record<string, unknown>>;
  readonly told: string;
}[] = [
  {
    args: ["doctor"],
    path: /GET .*\/session$/u,
    change: { user: undefined },
    told: "session.get: the answer's user is missing",
  },
  {
    args: ["doctor"],
    path: /GET .*\/session$/u,
    change: { user: {} },
    told: "session.get: the answer's user is an object",
  },
  {
    args: ["doctor"],
    path: /GET .*\/item\/[^/]+$/u,
    change: { name: 7 },
    told: "item.get: the answer's name is a number",
  },
  {
    args: ["ls"],
    path: /GET .*\/library\/[^/]+$/u,
    change: { name: {} },
    told: "library.get: the answer's name is an object",
  },
  {
    args: ["ls", "Images"],
    path: /GET .*\/item\/[^/]+$/u,
    change: { size: "1" },
    told: "item.get: the answer's size is a string",
  },
  {
    args: ["sessions", "show", "SESSION"],
    path: /GET .*\/download-session\/[^/]+$/u,
    change: { library_item_id: { id: 1 } },
    told: "downloadSession.get: the answer's library_item_id is an object",
  },
  {
    args: ["sessions", "ls"],
    path: /GET .*\/download-session\/[^/]+$/u,
    change: { client_progress: "7" },
    told: "downloadSession.get: the answer's client_progress is a string",
  },
  {
    args: ["get", "Images/debian", "-o", "FOLDER"],
    path: /POST .*\/download-session$/u,
    change: { id: {} },
    told: "downloadSession.create: ",
  },
];

test.for(wrongKinds)("$args.0: $told", async ({ args, path, change, told }, { simulate, folder }) => {
  const { simulator, env } = await simulate({ libraries, tls: false });
  await using proxy = await startMutatingProxy(simulator.url, ({ method, path: asked, body }) => {
    if (!path.test(`${method} ${asked}`)) return {};
    return { body: JSON.stringify({ ...(body.startsWith("{") ? (JSON.parse(body) as object) : {}), ...change }) };
  });
  const session = await openSession(simulator);
  const words: Readonly<Record<string, string>> = { FOLDER: folder, SESSION: session };
  const run = await runCli(
    args.map((word) => words[word] ?? word),
    { ...env, VSPHERE_SERVER: proxy.url.origin },
  );
  expect(run.exitCode).toBe(1);
  expect(run.stdout + run.stderr).toContain(told);
  expect(problemsOf(run, args)).toEqual([]);
  simulator.expireDownloadSessions();
});

function problemsOf({ exitCode, stdout, stderr }: CliRun, args: readonly string[]): readonly string[] {
  const output = stdout + stderr;
  const isJson = args.includes("--json");
  const checks: Readonly<Record<string, boolean>> = {
    "an exit code that means nothing": ![0, 1, 2, 3, 4, 5].includes(exitCode ?? -1),
    "a failure without a word": exitCode !== 0 && output === "",
    "a control character": /[^\P{Cc}\n]|\p{Cf}|\p{Zl}|\p{Zp}/u.test(output),
    "a line of the server's own": /^(?:debug: )?carrel: FORGED/mu.test(output),
    "the password": output.includes(password) || output.includes(Buffer.from(password).toString("base64")),
    "a transfer URL": /\/cls\/data\/(?!\[redacted\])/u.test(output),
    "a stack": !args.includes("--debug") && /^\s+at .+:\d+:\d+\)?$/mu.test(output),
    "a fault of the program": /TypeError|RangeError|undefined|\[object|NaN|is not a function|Cannot read prop/u.test(
      output,
    ),
    "a line that is not JSON": isJson && !stdout.split("\n").filter(Boolean).every(isJsonObject),
    "JSON without the failure": isJson && exitCode !== 0 && !stdout.includes(`"exitCode":${exitCode}`),
  };
  return Object.keys(checks).filter((name) => checks[name]);
}

function isJsonObject(line: string): boolean {
  try {
    return typeof JSON.parse(line) === "object";
  } catch {
    return false;
  }
}

/** A download session that is there to be shown. Returns its id. */
async function openSession({ url, credentials, inventory }: Simulator): Promise<string> {
  await using client = createClient({ endpoint: url, auth: passwordAuth(credentials) });
  return await client.downloadSession.create({ library_item_id: inventory.item("Images/debian").id });
}
