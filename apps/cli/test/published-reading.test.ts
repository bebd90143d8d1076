import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DirectoryContent, DirectoryPlace, publishLibrary } from "@carrel/vcsp";
import { createServerCertificate, serveLibrary } from "@carrel/vcsp/serve";
import { writeTar } from "@carrel/test-kit";
import { expect } from "vitest";
import { test } from "./support/fixture.ts";
import { runCli } from "./support/run-cli.ts";
import type { CliRun } from "./support/run-cli.ts";

const certificate = await createServerCertificate();
const descriptor = `<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1">
  <References/><VirtualSystem id="photon"><Info>A machine</Info><Name>Photon OS</Name></VirtualSystem></Envelope>`;

interface Served extends AsyncDisposable {
  readonly url: string;
  readonly directory: string;
  readonly requests: readonly string[];
  run(...args: readonly string[]): Promise<CliRun>;
}

/** Publishes three items below a folder and serves them over TLS, with a certificate that is trusted. */
async function serve(folder: string): Promise<Served> {
  const directory = join(folder, "library");
  const files = {
    "Debian 13/debian.iso": Buffer.alloc(40_000, "disk "),
    "photon/photon.ovf": descriptor,
    "appliance/a.ova": writeTar([
      { name: "a.ovf", content: descriptor },
      { name: "disk.vmdk", content: Buffer.alloc(3_000_000) },
    ]),
  };
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(directory, path, ".."), { recursive: true });
    await writeFile(join(directory, path), content);
  }
  await using content = await DirectoryContent.list(directory);
  await publishLibrary(new DirectoryPlace(directory), content.items, { name: "Images" });
  const requests: string[] = [];
  const onRequest = ({ path, bodyBytes }: { readonly path: string; readonly bodyBytes: number }): void => {
    requests.push(`${path} ${bodyBytes}`);
  };
  const server = await serveLibrary(directory, { certificate, onRequest });
  const env = { HOME: folder, XDG_STATE_HOME: join(folder, "state"), XDG_CONFIG_HOME: join(folder, "config") };
  const run = (...args: readonly string[]): Promise<CliRun> => runCli(args, env);
  await run("trust", server.url.host, "--thumbprint", server.fingerprints?.sha256 ?? "");
  return { url: server.url.href, directory, requests, run, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

test("carrel info shows published libraries, items with their descriptors, and files", async ({ folder }) => {
  await using library = await serve(folder);
  const { url, requests } = library;
  const whole = await library.run("info", url);
  expect([whole.exitCode, whole.stderr]).toEqual([0, ""]);
  expect(whole.stdout).toMatch(/^Library +Images\n(?:.*\n)*Items +3$/mu);
  for (const item of ["photon", "appliance"]) {
    const { exitCode, stdout, stderr } = await library.run("info", `${url}/${item}`, "--json");
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(JSON.parse(stdout)).toMatchObject({
      type: "item",
      item,
      library: "Images",
      contentVersion: 1,
      descriptor: { verifiedBy: item === "photon" ? "checksum" : "nothing" },
      problems: [],
    });
  }
  // Of the archive only its beginning.
  expect(Number(requests.find((line) => line.includes("a.ova"))?.split(" ")[1])).toBeLessThan(2_000_000);
  const names = await library.run("info", `${url}/pho*`, "-o", "name");
  expect(names).toEqual({ exitCode: 0, stderr: "", stdout: `${url}/photon\n` });
  expect((await library.run("info", `${url}/photon/*.ovf`, "--json")).stdout).toContain(
    `"path":"${url}/photon/photon.ovf"`,
  );
  const none = await library.run("info", `${url}/photon/x`);
  expect([none.exitCode, none.stderr]).toEqual([
    4,
    `carrel: No file of "photon" in library "Images" matches "x"\n  List what exists: carrel ls "${url}/photon"\n`,
  ]);
});

test("carrel find finds items and files of a published library", async ({ folder }) => {
  await using library = await serve(folder);
  const { url } = library;
  const found = await library.run("find", "debian", "--library", url, "--files", "--columns", "type,path");
  expect(found).toEqual({
    exitCode: 0,
    stderr: "",
    stdout: `TYPE         PATH\niso          ${url}/Debian 13\nfile         ${url}/Debian 13/debian.iso\n`,
  });
  expect((await library.run("find", "PHOTON", "--exact", "--library", url, "-o", "name")).stdout).toBe(
    `${url}/photon\n`,
  );
  expect(await library.run("find", "x-*", "--library", url)).toMatchObject({
    exitCode: 4,
    stderr: `carrel: No item matches "x-*" in library "Images"\n  List what exists: carrel ls ${url}\n`,
  });
  expect((await library.run("find", "x", "--library", `${url}/photon`)).stderr).toContain(
    `"${url}/photon" is not a library`,
  );
});

test("carrel diff compares a published library with directories and with a vCenter", async ({ folder, simulate }) => {
  await using library = await serve(folder);
  const { url, directory } = library;
  const same = await library.run("diff", url, directory);
  expect(same).toEqual({ exitCode: 0, stderr: "", stdout: "No difference, 3 files the same (3 by checksum).\n" });
  const copy = join(folder, "copy");
  await library.run("mirror", url, copy);
  await writeFile(join(copy, "photon", "photon.ovf"), "other");
  expect(await library.run("diff", url, copy)).toMatchObject({
    exitCode: 1,
    stdout: "photon/photon.ovf  (modified locally)\n1 difference, 2 files the same (2 by checksum).\n",
  });
  const items = [{ name: "photon", type: "ovf", files: [{ name: "photon.ovf", text: descriptor }] }];
  const { run } = await simulate({ libraries: [{ name: "Images", items }] });
  const state = { XDG_STATE_HOME: join(folder, "state") };
  const { exitCode, stdout, stderr } = await run(["diff", "Images", url], state);
  expect([exitCode, stderr]).toEqual([1, ""]);
  expect(stdout).toBe(
    `Debian 13  (only in ${url})\nappliance  (only in ${url})\n2 differences, 1 file the same (1 by size).\n`,
  );
});
