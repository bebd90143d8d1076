// The cron line and the systemd unit of the README, as it has them, against a server of the test's own.
import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect } from "vitest";
import { password, test } from "./support/fixture.ts";
import { expectMirrored, imageOf } from "./support/mirrored.ts";

const libraries = [{ name: "Images", items: [imageOf("debian", "debian.iso")] }];
const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
const unset = { VSPHERE_SERVER: "", VSPHERE_USER: "", VSPHERE_THUMBPRINT: "", VSPHERE_PASSWORD: "" };

/** The arguments of a documented command, with another directory. */
function argumentsOf(pattern: RegExp, directory: string): readonly string[] {
  const [, text] = pattern.exec(readme) ?? [];
  if (text === undefined) throw new Error(`The README has nothing like ${pattern}`);
  return text.split(/\s+/u).map((word) => (word === "/srv/images" ? directory : word));
}

test("the cron line mirrors with the password file of a context, also where a saved session has ended overnight", async ({
  simulate,
  folder,
}) => {
  const { simulator, env, run } = await simulate({ libraries });
  const config = join(folder, ".config", "carrel");
  await mkdir(config, { recursive: true });
  await writeFile(join(config, "vc.password"), `${password}\n`, { mode: 0o600 });
  const [server, user, thumbprint] = [env["VSPHERE_SERVER"], env["VSPHERE_USER"], env["VSPHERE_THUMBPRINT"]];
  const lab = { server, user, thumbprint, passwordFile: "vc.password" };
  await writeFile(join(config, "config.json"), JSON.stringify({ contexts: { lab } }));
  const directory = join(folder, "images");
  const args = argumentsOf(/^0 3 \* \* \* +carrel (.+)$/mu, directory);
  const home = { ...unset, HOME: folder };
  const silent = { exitCode: 0, stdout: "", stderr: "" };
  expect(await run(args, home)).toEqual(silent);
  await expectMirrored(directory, simulator);
  expect(await run(["login", "--context", "lab"], { ...home, VSPHERE_PASSWORD: password })).toMatchObject({
    exitCode: 0,
  });
  simulator.expireApiSessions();
  simulator.inventory.library("Images").addItem(imageOf("fedora", "f.iso"));
  expect(await run(args, home)).toEqual(silent);
  await expectMirrored(directory, simulator);
});

test("the systemd unit mirrors with a credential that systemd loads", async ({ simulate, folder }) => {
  const { simulator, run } = await simulate({ libraries });
  await writeFile(join(folder, "vc-password"), password, { mode: 0o440 });
  const variable = /^Environment=.* VSPHERE_PASSWORD_FILE=(\S+)$/mu.exec(readme)?.[1] ?? "";
  expect(readme).toContain("LoadCredential=vc-password:");
  const credentials = { CREDENTIALS_DIRECTORY: folder, VSPHERE_PASSWORD_FILE: variable.replace("%d", folder) };
  const directory = join(folder, "images");
  const args = argumentsOf(/^ExecStart=carrel (.+)$/mu, directory);
  const done = await run(args, { VSPHERE_PASSWORD: "", HOME: folder, ...credentials });
  expect(done).toMatchObject({ exitCode: 0, stderr: "" });
  await expectMirrored(directory, simulator);
});

test.skipIf(process.platform === "win32")(
  "the line with --on-failure sends a mail about a run that failed",
  async ({ simulate, folder }) => {
    const { env } = await simulate({ libraries: [] });
    const [line = ""] = /^carrel mirror .*--on-failure .*$/mu.exec(readme) ?? [];
    const programs = {
      carrel: `exec '${process.execPath}' '${fileURLToPath(new URL("../dist/main.js", import.meta.url))}' "$@"`,
      mail: `{ printf '%s|' "$@"; cat; } > '${join(folder, "mail")}'`,
    };
    for (const [name, script] of Object.entries(programs)) {
      await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    }
    const options = { env: { ...env, HOME: folder, PATH: `${folder}:/usr/bin:/bin` } };
    const run = promisify(execFile)("/bin/sh", ["-c", line.replace("/srv/images", join(folder, "images"))], options);
    await expect(run).rejects.toMatchObject({ code: 4, stdout: "" });
    expect(await readFile(join(folder, "mail"), "utf8")).toMatch(/^-s\|carrel: 4\|ops\|[^|]*Images[^|]*\n$/u);
  },
);

// The process as a laptop leaves it that is closed and opened again: nothing ran, and the server has forgotten everything.
test.skipIf(process.platform === "win32")(
  "get goes on after its process was suspended for so long that login and session ended",
  async ({ simulate, folder }) => {
    const { simulator, start } = await simulate({
      libraries,
      faults: [{ on: "transfer", kind: "stall", atByte: 10_000 }],
    });
    const args = ["get", "Images/debian", "-o", folder, "--verbose", "--stall-timeout", "1"];
    const { child, ended } = start(args);
    let seen = "";
    const isAtWork = Promise.withResolvers<void>();
    child.stderr.on("data", (chunk: Buffer) => {
      seen += chunk.toString();
      if (seen.includes("answered 200")) isAtWork.resolve();
    });
    await isAtWork.promise;
    child.kill("SIGSTOP");
    simulator.expireApiSessions();
    simulator.expireDownloadSessions();
    child.kill("SIGCONT");
    const { exitCode, stderr } = await ended;
    expect(exitCode).toBe(0);
    expect(stderr).toContain("verbose: logged in again: the session had ended\n");
    expect(await readFile(join(folder, "debian.iso"))).toEqual(
      Buffer.from(await simulator.inventory.item("Images/debian").file("debian.iso").bytes()),
    );
  },
);
