// The cron line and the systemd unit of the README, as it has them, against a server of the test's own.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
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
