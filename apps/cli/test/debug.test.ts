import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { startConnectProxy } from "@carrel/test-kit";
import { password, test } from "./support/fixture.ts";

const libraries = [{ name: "Images", items: [{ name: "debian", files: [{ name: "a.iso", sizeBytes: 3_000_000 }] }] }];

/** What --debug says, without the calls of the client. */
function traced(stderr: string): readonly string[] {
  const lines = stderr.split("\n").filter((line) => /^debug: [^{]*$/u.test(line));
  return lines.map((line) => line.replace("debug: ", ""));
}

test("--debug shows the settings, where they come from, and each transfer", async ({ simulate, folder }) => {
  const { simulator, runBuilt: run } = await simulate({
    libraries,
    faults: [{ on: "transfer", kind: "reset", atByte: 1_000_000 }],
  });
  const { origin } = simulator.url;
  const out = join(folder, "out");
  const { exitCode, stderr } = await run(["get", "Images/debian", "-o", out, "--debug", "--wire", "api"]);
  expect(exitCode).toBe(0);
  const lines = traced(stderr);
  expect(lines.slice(0, 6)).toEqual([
    `server: ${origin} (VSPHERE_SERVER)`,
    "user: reader@vsphere.local (VSPHERE_USER)",
    "login: the password (VSPHERE_PASSWORD)",
    "wire style: api (--wire)",
    `certificate: only ${simulator.certificate?.sha256 ?? ""} (VSPHERE_THUMBPRINT)`,
    "proxy: none",
  ]);
  const transfer = lines.filter((line) => line.startsWith('transfer 1, "a.iso": ')).map((line) => line.slice(21));
  expect(transfer).toEqual([
    "starts at byte 0",
    `answered 200 from ${origin}`,
    expect.stringMatching(/^resumes at byte \d+ in \d+ ms, interruption 1 in a row: .*a\.iso/u),
    `answered 206 from ${origin}`,
    "ends with 3000000 bytes, 3000000 of them received, verified by length, interruptions: 1",
  ]);
});

test("--debug shows a transfer that fails", async ({ simulate, folder }) => {
  const { run } = await simulate({
    libraries,
    faults: [{ on: "transfer", kind: "htmlPage", times: "always" }],
  });
  const { exitCode, stderr } = await run(["get", "Images/debian", "-o", folder, "--debug"]);
  expect(exitCode).toBe(5);
  expect(traced(stderr)).toContainEqual(expect.stringMatching(/^transfer \d+, "a\.iso": ends at byte 0: .*a\.iso/u));
});

test("--debug names contexts, files of authorities, kept sessions and proxies, and no secret", async ({
  simulate,
  folder,
}) => {
  const { simulator, env, run } = await simulate({ libraries });
  await using proxy = await startConnectProxy({
    leadsTo: Number(simulator.url.port),
    login: { user: "me@corp", password: "pr0xy" },
  });
  const home = { HOME: folder, HTTPS_PROXY: proxy.urlWithLogin };
  expect(await run(["login"], home)).toMatchObject({ exitCode: 0 });
  expect(await run(["trust", env["VSPHERE_SERVER"] ?? "", "--yes"], home)).toMatchObject({ exitCode: 0 });
  await mkdir(join(folder, ".config", "carrel"), { recursive: true });
  const lab = { server: env["VSPHERE_SERVER"] };
  const config = JSON.stringify({ defaultContext: "lab", contexts: { lab } });
  await writeFile(join(folder, ".config", "carrel", "config.json"), config);
  const unset = { VSPHERE_SERVER: "", VSPHERE_USER: "", VSPHERE_PASSWORD: "", VSPHERE_THUMBPRINT: "" };
  const { exitCode, stderr } = await run(["ls", "--debug"], { ...home, ...unset });
  expect(exitCode).toBe(0);
  expect(traced(stderr).slice(0, 6)).toEqual([
    `server: ${simulator.url.origin} (context "lab")`,
    "user: reader@vsphere.local",
    'login: the session saved by "carrel login"',
    "wire style: auto",
    `certificate: only ${simulator.certificate?.sha256 ?? ""} (carrel trust)`,
    `proxy: ${proxy.url}`,
  ]);
  expect(stderr).not.toContain("pr0xy");
  expect(stderr).not.toContain(password);

  const pem = join(folder, "ca.pem");
  await writeFile(pem, simulator.certificate?.pem ?? "");
  const listed = await run(["ls", "--debug", "--ca", pem], { ...home, ...unset });
  expect(traced(listed.stderr)).toContain("certificate: signed by an authority in the file of --ca");
  expect(await run(["logout"], { ...home, ...unset })).toMatchObject({ exitCode: 0 });
});
