import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { request } from "node:http";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import { expect } from "vitest";
import { filesIn, test } from "./support/fixture.ts";
import { runCli, startCli } from "./support/run-cli.ts";

test("sim says how to connect to it, serves a seed with faults, and stops at Ctrl-C", async ({ folder }) => {
  const seed = join(folder, "seed.json");
  await writeFile(join(folder, "notes.txt"), "hello");
  const files = [{ name: "notes.txt", path: "notes.txt" }];
  const content = JSON.stringify({ libraries: [{ name: "My Images", items: [{ name: "it's", files }] }] });
  // As PowerShell writes it.
  await writeFile(seed, Buffer.from(`\uFEFF${content}`, "utf16le"));
  const fault = "status on=transfer status=503";
  const args = ["sim", "--seed", seed, "--version", "9.1", "--fault", fault, "--host", "vc.example.test", "--no-tls"];
  const { child, ended } = startCli(args);
  let stdout = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  while (!stdout.includes("Ctrl-C")) await once(child.stdout, "data");

  const setting = (name: string): string =>
    new RegExp(`^ {2}export ${name}=(.+)$`, "mu").exec(stdout)?.[1]?.replaceAll("'", "") ?? "";
  const names = ["VSPHERE_SERVER", "VSPHERE_USER", "VSPHERE_PASSWORD"];
  const env = Object.fromEntries(names.map((name) => [name, setting(name)]));
  const out = join(folder, "out");
  expect(await runCli(["get", "My Images/it's", "-o", out], env)).toMatchObject({ exitCode: 0 });
  expect(await filesIn(out)).toEqual(["notes.txt"]);

  const answered = ["vc.example.test", "attacker.example"].map((host) => statusFor(env["VSPHERE_SERVER"] ?? "", host));
  expect(await Promise.all(answered)).toEqual([401, 421]);

  child.kill("SIGINT");
  const { exitCode, stderr } = await ended;
  expect(exitCode).toBe(0);
  expect(stderr).toMatch(/^Stopping\.\n\d+ requests; download sessions left open: 0\.\n$/u);
});

test("sim prints the settings for PowerShell where that runs it", async () => {
  const { child, ended } = startCli(["sim", "--no-tls"], { PSModulePath: "/modules" });
  let stdout = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  while (!stdout.includes("Ctrl-C")) await once(child.stdout, "data");
  child.kill("SIGINT");
  expect((await ended).exitCode).toBe(0);
  expect(stdout).toMatch(/^ {2}\$env:VSPHERE_SERVER = 'http:\/\/127\.0\.0\.1:\d+'$/mu);
  expect(stdout).toMatch(/^ {2}\$env:VSPHERE_PASSWORD = '[^']+'$/mu);
  expect(stdout).not.toContain("export ");
});

async function statusFor(server: string, host: string): Promise<number | undefined> {
  const sent = request(new URL("/api/content/library", server), { headers: { host }, agent: false }).end();
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  response.resume();
  return response.statusCode;
}

test.for([
  [["--port", "70000"], /--port/u],
  [["--port", "0x10"], /--port/u],
  [["--version", "5.5"], /6\.7/u],
  [["--host", "https://vc"], /hosts\[0\] must be a host name without a port: got "https:\/\/vc"/u],
  [["--fault", "explode"], /--fault: invalid value "explode"/u],
  [["--seed", "/nonexistent.json"], /nonexistent\.json\): it does not exist/u],
  [["--seed", "/dev/zero"], /it is a device, not a plain file/u],
  [["--seed", "/"], /it is a directory, not a plain file/u],
] as const)("sim %j is refused", async ([args, message]) => {
  const { exitCode, stderr } = await runCli(["sim", ...args]);
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(message);
});

test("sim names a port that is in use, and advises another one", async ({ simulate }) => {
  const { simulator } = await simulate();
  const { port } = simulator.url;
  const { exitCode, stderr } = await runCli(["sim", "--port", port]);
  expect({ exitCode, stderr }).toEqual({
    exitCode: 2,
    stderr: `carrel: Cannot listen on port ${port} of 127.0.0.1: the port is in use\n  Use another port, or 0 for any free port.\n`,
  });
});
