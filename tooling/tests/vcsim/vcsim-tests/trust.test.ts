// `carrel trust` against vcsim, which always shows the same certificate: one that signs itself.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import type { Vcsim } from "../src/index.ts";
import { test } from "./fixture.ts";

const hostOf = ({ url }: Vcsim): string => new URL(url).host;
const pinFile = (folder: string): string => join(folder, "carrel", "trust.json");
/** A state folder of its own, and no thumbprint in the environment. */
const settingsFor = (folder: string): Readonly<Record<string, string>> => ({
  XDG_STATE_HOME: folder,
  VSPHERE_THUMBPRINT: "",
});
const other = (thumbprint: string): string => thumbprint.replace(/^../u, (byte) => (byte === "00" ? "01" : "00"));

test("keeps a pin that other commands go by, and forgets it", async ({ vcsim, folder, run }) => {
  const settings = settingsFor(folder);
  const host = hostOf(vcsim);
  const before = await run(["ls"], settings);
  expect(before).toMatchObject({ exitCode: 6, stdout: "" });
  expect(before.stderr).toContain("is self-signed: no authority vouches for it");
  expect(before.stderr).toContain(`  carrel trust ${host}\n`);

  const asked = await run(["trust", host], settings);
  expect(asked).toMatchObject({ exitCode: 2 });
  expect(asked.stdout).toContain(`  SHA-256  ${vcsim.thumbprint}\n`);
  expect(asked.stderr).toContain("Pass --yes or --thumbprint to proceed.");
  expect(await run(["trust", host, "--thumbprint", other(vcsim.thumbprint)], settings)).toMatchObject({ exitCode: 6 });
  expect(await run(["trust", "ls"], settings)).toMatchObject({ exitCode: 0, stdout: "" });

  const trusted = await run(["trust", host, "--thumbprint", vcsim.thumbprint], settings);
  expect(trusted).toMatchObject({ exitCode: 0, stderr: "" });
  expect(trusted.stdout).toContain(`\nTrusted for ${host} from now on.\n`);
  expect(JSON.parse(await readFile(pinFile(folder), "utf8"))).toMatchObject({ [host]: { sha256: vcsim.thumbprint } });
  expect((await run(["trust", "ls"], settings)).stdout).toMatch(
    new RegExp(`^HOST +SINCE +SHA-256\\n${host} +\\S+ +${vcsim.thumbprint}\\n$`, "u"),
  );
  expect(await run(["ls"], settings)).toMatchObject({ exitCode: 0, stderr: "" });
  expect((await run(["doctor"], settings)).stdout).toContain("the certificate is pinned by carrel trust, SHA-256");

  expect(await run(["trust", "rm", host], settings)).toMatchObject({ exitCode: 0 });
  expect(await run(["ls"], settings)).toMatchObject({ exitCode: 6 });
});

test("of a trusted server reports that, but not with another fingerprint", async ({ vcsim, folder, run }) => {
  const settings = settingsFor(folder);
  const host = hostOf(vcsim);
  expect(await run(["trust", host, "--yes"], settings)).toMatchObject({ exitCode: 0, stderr: "" });
  const again = await run(["trust", vcsim.url], settings);
  expect(again).toMatchObject({ exitCode: 0, stderr: "" });
  expect(again.stdout).toContain(`Already trusted for ${host} since `);
  const wrong = await run(["trust", host, "--thumbprint", other(vcsim.thumbprint)], settings);
  expect(wrong.exitCode).toBe(6);
  expect(wrong.stderr).toContain(`does not have the fingerprint ${other(vcsim.thumbprint)}\n  Nothing was changed.\n`);
  expect(await run(["ls"], settings)).toMatchObject({ exitCode: 0 });
});

test("a pin of another certificate is refused until the server is trusted again", async ({ vcsim, folder, run }) => {
  const settings = settingsFor(folder);
  const host = hostOf(vcsim);
  expect(await run(["trust", host, "--yes"], settings)).toMatchObject({ exitCode: 0 });
  const old = other(vcsim.thumbprint);
  const kept = await readFile(pinFile(folder), "utf8");
  await writeFile(pinFile(folder), kept.replace(vcsim.thumbprint, old));

  const before = vcsim.journal.length;
  for (const args of [["ls"], ["get", "Images/ubuntu-24", "-o", folder], ["login"]]) {
    const { exitCode, stdout, stderr } = await run(args, settings);
    expect({ exitCode, stdout }).toEqual({ exitCode: 6, stdout: "" });
    expect(stderr).toContain(`got SHA-256 ${vcsim.thumbprint}`);
    expect(stderr).toContain(`expected SHA-256 ${old}`);
    expect(stderr).toContain("somebody may be intercepting the connection");
  }
  const doctor = await run(["doctor"], settings);
  expect(doctor.exitCode).toBe(6);
  expect(doctor.stdout).toMatch(/^failure {2}certificate +Certificate not accepted: it is not the pinned one/mu);
  expect(vcsim.journal).toHaveLength(before);

  const changed = await run(["trust", host, "--yes"], settings);
  expect(changed.exitCode).toBe(6);
  expect(changed.stderr).toContain(`NOT the certificate trusted for ${host} since `);
  expect(changed.stderr).toContain(`  Trusted: SHA-256 ${old}\n  Seen:    SHA-256 ${vcsim.thumbprint}\n`);
  expect(await run(["trust", host, "--thumbprint", vcsim.thumbprint], settings)).toMatchObject({ exitCode: 0 });
  expect(await run(["ls"], settings)).toMatchObject({ exitCode: 0 });
});
