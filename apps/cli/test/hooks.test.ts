// What a run that nobody watches tells others: --ping and --on-failure.
import { createServer } from "node:http";
import type { IncomingMessage } from "node:http";
import { readFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, onTestFinished } from "vitest";
import { hookLimits } from "../src/run/hooks.ts";
import { password, test } from "./support/fixture.ts";
import { imageOf } from "./support/mirrored.ts";

const libraries = [{ name: "Images", items: [imageOf("debian", "debian.iso"), imageOf("ubuntu", "a.vmdk")] }];
const damaged = [{ on: "transfer", kind: "htmlPage", times: "always", file: "a.vmdk" }] as const;

interface Monitor {
  readonly url: string;
  readonly heard: readonly (readonly [path: string, body: string])[];
}

/** A monitor that answers with a status, or never. */
async function startMonitor(status: number | "never" = 200): Promise<Monitor> {
  const heard: (readonly [string, string])[] = [];
  const open = new Set<IncomingMessage>();
  const server = createServer((request, response) => {
    open.add(request);
    void text(request).then((body) => {
      heard.push([`${request.method} ${request.url}`, body]);
      if (status !== "never") response.writeHead(status).end("OK");
    });
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, heard };
}

/** Shortens a limit during a test. */
function limit(name: keyof typeof hookLimits, ms: number): void {
  const before = hookLimits[name];
  hookLimits[name] = ms;
  onTestFinished(() => void (hookLimits[name] = before));
}

describe("--ping", () => {
  test("tells that a run starts, and that it went well", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries });
    const { url, heard } = await startMonitor();
    const done = await run(["mirror", "Images", join(folder, "a"), "-q", "--ping", `${url}/uuid/?create=1`]);
    expect(done).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    expect(heard).toEqual([
      ["POST /uuid/start?create=1", ""],
      ["POST /uuid/?create=1", expect.stringMatching(/^2 of 2 items in place: 2 new, /u)],
    ]);
  });

  test("tells the exit code of a run that failed, and why", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries });
    const { url, heard } = await startMonitor();
    const out = ["-o", join(folder, "b"), "--ping", `${url}/uuid`];
    expect(await run(["get", "Images/none", ...out])).toMatchObject({ exitCode: 4 });
    expect(heard.map(([path]) => path)).toEqual(["POST /uuid/start", "POST /uuid/4"]);
    expect(heard[1]?.[1]).toContain("none");
    expect(await run(["get", "Images/debian", ...out], { VSPHERE_PASSWORD: "wrong" })).toMatchObject({ exitCode: 3 });
    expect(heard.at(-1)?.[0]).toBe("POST /uuid/3");
    expect(JSON.stringify(heard)).not.toContain(password);
  });

  test.each([
    ["answers with an error", 404, "it answered 404"],
    ["never answers", "never", "it did not answer in time"],
  ] as const)("changes nothing where the monitor %s", async (_, status, why) => {
    limit("pingMs", 300);
    const { url } = await startMonitor(status);
    const { runCli } = await import("./support/run-cli.ts");
    const done = await runCli(["get", "Images/x", "--limit-rate", "fast", "--ping", `${url}/s3cret-uuid`]);
    expect(done.exitCode).toBe(2);
    const warning = `Warning: Cannot ping ${url}: ${why}`;
    expect(done.stderr.split("\n").filter((line) => line === warning)).toHaveLength(2);
    expect(done.stderr).not.toContain("s3cret");
  });

  test("refuses what is not the URL of a monitor before anything is sent, and does not repeat it", async ({
    simulate,
    folder,
  }) => {
    const { simulator, run } = await simulate({ libraries });
    for (const url of ["s3cret", "ftp://host/s3cret", "https://me:s3cret@host/"]) {
      const refused = await run(["mirror", "Images", folder, "--ping", url]);
      expect(refused).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("--ping: invalid URL") as string });
      expect(refused.stderr).not.toContain("s3cret");
    }
    const dry = await run(["mirror", "Images", folder, "--dry-run", "--ping", "https://host.invalid/x"]);
    expect(dry).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("Cannot combine --dry-run") as string });
    expect(simulator.journal).toEqual([]);
  });
});

describe.skipIf(process.platform === "win32")("--on-failure", () => {
  const facts =
    'printf "%s|" "$CARREL_EXIT_CODE" "$CARREL_ERROR_CODE" "$CARREL_SUMMARY" "$VSPHERE_PASSWORD" "$VSPHERE_USER"';

  test("runs after a failure only, with the facts and without the password", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries, faults: [...damaged] });
    const file = join(folder, "facts");
    const hook = ["--on-failure", `${facts} > '${file}'`, "-q"];
    expect(await run(["get", "Images/debian", "-o", join(folder, "a"), ...hook])).toMatchObject({ exitCode: 0 });
    await expect(readFile(file)).rejects.toThrow("ENOENT");
    const failed = await run(["mirror", "Images", join(folder, "b"), ...hook]);
    expect(failed.exitCode).toBe(5);
    expect(failed.stderr).not.toContain("on-failure");
    const [exitCode, code, summary, secret, user] = (await readFile(file, "utf8")).split("|");
    expect([exitCode, code, secret, user]).toEqual(["5", "", "", "reader@vsphere.local"]);
    expect(summary).toMatch(/^1 of 2 items in place: /u);
    await run(["get", "Images/none", "-o", folder, ...hook]);
    expect(await readFile(file, "utf8")).toMatch(/^4\|[A-Z_]*\|[^|]*none/u);
  });

  test("shows what the command writes, and how it ends, and keeps the exit code", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries });
    const log = join(folder, "carrel.log");
    const command = "echo out; echo err >&2; read line || echo no input; exit 9";
    const args = ["get", "Images/none", "-q", "--json", "--log-file", log, "--on-failure", command];
    const { exitCode, stdout, stderr } = await run(args);
    expect(exitCode).toBe(4);
    expect(stdout.trimEnd().split("\n")).toHaveLength(1);
    const lines = stderr.trimEnd().split("\n");
    expect(lines).toEqual(expect.arrayContaining(["out", "err", "no input"]));
    expect(lines.at(-1)).toBe("Warning: The command of --on-failure ended with exit code 9");
    expect(await readFile(log, "utf8")).toContain("Z no input\n");
  });

  test("ends a command that takes too long, with all that it started", async ({ simulate }) => {
    const { run } = await simulate({ libraries });
    limit("commandMs", 200);
    const { stderr } = await run(["get", "Images/none", "--on-failure", "sleep 50 & sleep 50; echo later"]);
    expect(stderr).toContain("Warning: The command of --on-failure ended with a time limit of 0.2 s\n");
    expect(stderr).not.toContain("later");
  });

  test("does not wait for what the command leaves in the background", async ({ simulate }) => {
    const { run } = await simulate({ libraries });
    const { stderr } = await run(["get", "Images/none", "--on-failure", "sleep 3 & echo sent"]);
    expect(stderr).toMatch(/\nsent\n$/u);
  });

  test("runs after an interruption, too", async ({ simulate, folder }) => {
    const { start } = await simulate({ libraries, faults: [{ on: "transfer", kind: "stall", atByte: 100 }] });
    const args = [
      "get",
      "Images/debian",
      "-o",
      folder,
      "--debug",
      "--on-failure",
      'echo "told: $CARREL_EXIT_CODE, $CARREL_SUMMARY"',
    ];
    const { child, ended } = start(args);
    let seen = "";
    child.stderr.on("data", (chunk: Buffer) => {
      seen += chunk.toString();
      // Twice would end it at once.
      if (seen.includes("answered 200") && !child.killed) child.kill("SIGTERM");
    });
    const { exitCode, stderr } = await ended;
    expect(exitCode).toBe(143);
    expect(stderr).toMatch(/^told: 143, (?:interrupted|.+ are kept in .+\.part\. The same command resumes there\.)$/mu);
  });
});
