import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:https";
import { createServer as createTcpServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createClient, passwordAuth } from "@carrel/core";
import type { Simulator } from "@carrel/simulator";
import fc from "fast-check";
import { describe, expect, test as plain } from "vitest";
import { jsonLine, printable, printableStyled } from "../src/output/printable.ts";
import { test } from "./support/fixture.ts";
import { mapTexts, startMutatingProxy } from "./support/mutating-proxy.ts";
import type { Mutation, ProxiedAnswer } from "./support/mutating-proxy.ts";
import { runCli } from "./support/run-cli.ts";
import type { CliRun } from "./support/run-cli.ts";

const hostile =
  "x\ncarrel: FORGED\rcarrel: FORGED\u001B[2K\u009B1A\u0085\u202E\u2028carrel: FORGED\u2029\u200B\uFEFF\u{E0041}";
const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
const libraries = [
  { name: "Images", items: [{ name: "debian", type: "iso", files: [{ name: "a.iso", sizeBytes: 5_000 }] }] },
];

describe("text from elsewhere", () => {
  plain("is one line without anything that a terminal acts on", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const shown = printable(`${text}${hostile}${text}`);
        expect(shown).not.toMatch(invisible);
        expect(printable(shown)).toBe(shown);
      }),
    );
    expect(printable("déjà vu ☕ 文件 👩🏽 e\u0301")).toBe("déjà vu ☕ 文件 👩🏽 e\u0301");
    expect(printable("a\u3164b\u115Fc\u034Fd")).toBe(String.raw`a\u{3164}b\u{115f}c\u{34f}d`);
  });

  plain("is one line among colours of our own", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (other) => {
        const shown = printableStyled(`\u001B[1m${printable(other)}\u001B[22m${other}${hostile}`);
        // oxlint-disable-next-line no-control-regex -- styles begin with it
        expect(shown.replaceAll(/\u001B\[[\d;]*m/gu, "")).not.toMatch(invisible);
        expect(shown.startsWith(`\u001B[1m${printable(other)}\u001B[22m`)).toBe(true);
      }),
    );
  });

  plain("is in JSON what it was, and visible", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string({ unit: "binary" }), (json, text) => {
        const value = { json, [text]: `${text}${hostile}`, lone: "\uD800" };
        const line = jsonLine(value);
        expect(line).not.toMatch(invisible);
        expect(JSON.parse(line)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
    expect(jsonLine({ a: "\u009B\u202E\u{E0041}\n" })).toBe(String.raw`{"a":"\u009b\u202e\udb40\udc41\n"}`);
  });
});

/** What looks like a line of this program's own, or could move a cursor. */
function expectHarmless({ stdout, stderr }: CliRun): void {
  for (const line of `${stdout}\n${stderr}`.split("\n")) {
    expect(line).not.toMatch(invisible);
    expect(line).not.toMatch(/^(?:debug: )?carrel: FORGED/u);
  }
}

const names = new Set(["name", "type", "description", "version", "content_version", "library_item_content_version"]);
const states = new Set(["state", "default_message", "localized", "error_type", "checksum"]);

const poison =
  (members: ReadonlySet<string>) =>
  (answer: ProxiedAnswer): Mutation => {
    try {
      const change = (text: string, member: string): string => (members.has(member) ? `${text}${hostile}` : text);
      return { body: JSON.stringify(mapTexts(JSON.parse(answer.body), change)) };
    } catch {
      return {};
    }
  };

const refuse =
  (path: RegExp, status: number, body: string) =>
  (answer: ProxiedAnswer): Mutation =>
    path.test(`${answer.method} ${answer.path}`) ? { status, body } : {};

const said = (text: string, type = "INVALID_ARGUMENT"): string =>
  JSON.stringify({ error_type: type, messages: [{ id: text, default_message: text, args: [text] }] });

interface Attack {
  readonly what: string;
  readonly mutate: (answer: ProxiedAnswer) => Mutation;
  readonly commands: readonly (readonly string[])[];
  readonly env?: Readonly<Record<string, string>>;
}

const attacks: readonly Attack[] = [
  {
    what: "names",
    mutate: poison(names),
    commands: [
      ["ls"],
      ["ls", "Images", "-l"],
      ["ls", "IMAGES-ID/debian"],
      ["find", "debian", "--files"],
      ["info", "IMAGES-ID"],
      ["info", "IMAGES-ID/ITEM-ID"],
      ["get", "IMAGES-ID/ITEM-ID", "-o", "FOLDER", "--debug"],
      ["get", "IMAGES-ID/d*", "--dry-run"],
      ["mirror", "IMAGES-ID", "FOLDER"],
      ["sessions", "ls"],
      ["sessions", "show", "SESSION-ID"],
      ["doctor"],
    ],
  },
  {
    what: "states, types and messages",
    mutate: poison(states),
    commands: [
      ["sessions", "ls", "--json"],
      ["sessions", "show", "SESSION-ID"],
      ["ls", "Images/debian", "-l"],
      ["info", "Images/debian"],
      ["get", "Images/debian", "-o", "FOLDER", "--json"],
      ["doctor", "--json"],
    ],
  },
  {
    what: "the status of a file",
    mutate: poison(new Set(["status"])),
    commands: [["sessions", "show", "SESSION-ID"]],
  },
  {
    what: "a refusal",
    mutate: refuse(/^GET .*\/(?:library|item\/[^/]+)$/u, 400, said(hostile)),
    commands: [
      ["ls"],
      ["get", "Images/debian", "-o", "FOLDER", "--debug"],
      ["mirror", "Images", "FOLDER", "--json"],
      ["doctor"],
    ],
  },
  {
    what: "a refusal in plain text",
    mutate: refuse(/^GET .*\/library$/u, 418, hostile),
    commands: [["ls", "--debug"], ["doctor"]],
  },
  {
    what: "a refused login",
    mutate: refuse(/^POST .*\/session$/u, 401, said(hostile, "UNAUTHENTICATED")),
    commands: [["ls"], ["login"], ["doctor"]],
    env: { VSPHERE_PASSWORD: "wrong" },
  },
  {
    what: "what is not the protocol",
    mutate: refuse(/^GET .*\/library$/u, 200, `{"value": ${hostile}`),
    commands: [["ls", "--debug"], ["ls", "--json"], ["doctor"]],
  },
];

describe("what a server says forges no line", () => {
  test.for(attacks)("$what", { timeout: 120_000 }, async ({ mutate, commands, env: more }, { simulate, folder }) => {
    const { simulator, env, run: direct } = await simulate({ tls: false, libraries });
    await using proxy = await startMutatingProxy(simulator.url, mutate);
    const session = await openSession(simulator);
    const item = simulator.inventory.item("Images/debian");
    const ids: Readonly<Record<string, string>> = {
      FOLDER: join(folder, "out"),
      "SESSION-ID": session,
      "ITEM-ID": item.id,
      "IMAGES-ID": simulator.inventory.libraries[0]?.id ?? "",
    };
    let shown = "";
    for (const command of commands) {
      const args = command.map((word) => word.replaceAll(/[A-Z]+-ID|FOLDER/gu, (id) => ids[id] ?? id));
      const proxied = { ...env, VSPHERE_SERVER: proxy.url.origin, HOME: folder, ...more };
      const run = await runCli(args, proxied);
      expectHarmless(run);
      shown += run.stdout + run.stderr;
      if (!args.includes("--json")) continue;
      for (const line of run.stdout.split("\n").filter(Boolean)) expect(JSON.parse(line)).toBeTypeOf("object");
    }
    expect(shown).toMatch(/forged/iu);
    expect(await direct(["sessions", "rm", session])).toMatchObject({ exitCode: 0 });
  });

  test("nor does a name in JSON, which parses to the same name", async ({ simulate, folder }) => {
    const { simulator, env } = await simulate({ tls: false, libraries });
    await using proxy = await startMutatingProxy(simulator.url, poison(names));
    const { stdout } = await runCli(["ls", "--json"], { ...env, VSPHERE_SERVER: proxy.url.origin, HOME: folder });
    expect(stdout).not.toMatch(/[^\P{Cc}\n]|\p{Cf}|\p{Zl}|\p{Zp}/u);
    expect(JSON.parse(stdout)).toMatchObject({ library: `Images${hostile}` });
  });
});

describe("what a certificate, a proxy and the shell say forges no line", () => {
  const openssl = (folder: string, ...args: readonly string[]): Buffer =>
    execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });

  test("a certificate", async ({ folder }) => {
    const name = `/CN=x${hostile.replaceAll("/", "")}/O=carrel: FORGED`;
    openssl(
      folder,
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:prime256v1",
      "-nodes",
      "-utf8",
      "-keyout",
      "k",
      "-out",
      "c",
      "-days",
      "30",
      "-subj",
      name,
      "-addext",
      "subjectAltName=DNS:x\\ncarrel.FORGED\u001B[2J,DNS:b",
    );
    const read = (file: string): Promise<Buffer> => readFile(join(folder, file));
    const server = createServer({ cert: await read("c"), key: await read("k") });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const env = { VSPHERE_SERVER: host, VSPHERE_USER: "reader", VSPHERE_PASSWORD: "x", HOME: folder };
    let shown = "";
    for (const args of [
      ["ls", "--debug"],
      ["ls", "--ca", join(folder, "c")],
      ["doctor"],
      ["doctor", "--json", "--ca", join(folder, "c")],
      ["trust", host, "--yes"],
      ["trust", "ls"],
    ]) {
      const run = await runCli(args, env);
      expectHarmless(run);
      shown += run.stdout + run.stderr;
    }
    expect(shown).toContain("FORGED");
    server.close();
    server.closeAllConnections();
  });

  test.for(["403 Forb\u009Bidden\u202E", "407 Login\u001B[2J", "200 OK\rcarrel: FORGED"])(
    "a proxy: %j",
    async (status, { folder }) => {
      const proxy = createTcpServer((socket) => {
        socket.on("error", () => undefined);
        socket.once("data", () => socket.end(Buffer.from(`HTTP/1.1 ${status}\r\nX: y\r\n\r\n${hostile}`)));
      });
      await once(proxy.listen(0, "127.0.0.1"), "listening");
      const HTTPS_PROXY = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
      const env = {
        VSPHERE_SERVER: "vc.example.test",
        VSPHERE_USER: "reader",
        VSPHERE_PASSWORD: "x",
        HOME: folder,
        HTTPS_PROXY,
      };
      for (const args of [["ls", "--debug"], ["doctor"], ["trust", "vc.example.test", "--yes"], ["ls", "--json"]]) {
        const run = await runCli(args, env);
        expect(run.exitCode).not.toBe(0);
        expectHarmless(run);
      }
      proxy.close();
    },
  );

  test("arguments, the environment and files", async ({ folder }) => {
    const config = join(folder, ".config", "carrel", "config.json");
    await mkdir(join(config, ".."), { recursive: true, mode: 0o700 });
    const write = (value: unknown): Promise<void> => writeFile(config, JSON.stringify(value), { mode: 0o600 });
    const runs: CliRun[] = [];
    for (const value of [
      { [hostile]: 1 },
      { contexts: { [hostile]: 1 } },
      { defaultContext: hostile, contexts: {} },
      { defaultContext: "a", contexts: { a: { server: hostile } } },
    ]) {
      await write(value);
      runs.push(await runCli(["ls", "--debug"], { HOME: folder }), await runCli(["ls", "--json"], { HOME: folder }));
    }
    await write({});
    const env = { HOME: folder, VSPHERE_SERVER: "https://127.0.0.1:9", VSPHERE_USER: hostile, VSPHERE_PASSWORD: "x" };
    for (const args of [
      ["ls", hostile],
      ["get", hostile],
      [hostile],
      ["ls", `--${hostile}`],
      ["ls", "--wire", hostile],
      ["ls", "--ca", hostile],
      ["get", "a/b", "--rate", hostile],
      ["trust", hostile],
      ["sim", "--seed", hostile],
      ["sim", "--fault", hostile],
      ["sim", "--port", hostile],
    ]) {
      runs.push(await runCli(args, env), await runCli([...args, "--json"], env));
    }
    runs.push(await runCli(["ls"], { ...env, VSPHERE_SERVER: hostile }));
    runs.push(await runCli(["ls"], { ...env, VSPHERE_THUMBPRINT: hostile }));
    runs.push(await runCli(["ls"], { ...env, HOME: join(folder, hostile.replaceAll("/", "")) }));
    for (const run of runs) {
      expect(run.exitCode).not.toBe(0);
      expectHarmless(run);
    }
  });
});

/** A download session that is there to be shown. Returns its id. */
async function openSession({ url, credentials, inventory }: Simulator): Promise<string> {
  await using client = createClient({ endpoint: url, auth: passwordAuth(credentials) });
  const { id } = inventory.item("Images/debian");
  return await client.downloadSession.create({ library_item_id: id });
}
