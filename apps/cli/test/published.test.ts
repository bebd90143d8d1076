import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DirectoryContent, DirectoryPlace, publishLibrary } from "@carrel/vcsp";
import { createServerCertificate, serveLibrary } from "@carrel/vcsp/serve";
import type { LibraryServer, ServeOptions } from "@carrel/vcsp/serve";
import { secretsIn, until, writeTar } from "@carrel/test-kit";
import { describe, expect } from "vitest";
import { filesIn, test } from "./support/fixture.ts";
import { runBuilt, runCli, startCli } from "./support/run-cli.ts";
import type { CliRun } from "./support/run-cli.ts";

const secret = "c0rrect horse ä";
const certificate = await createServerCertificate();
const disk = Buffer.alloc(400_000, "disk ");

interface Served extends AsyncDisposable {
  readonly server: LibraryServer;
  readonly url: string;
  /** Path of the published directory. */
  readonly directory: string;
  /** Requests that were answered. */
  readonly requests: readonly string[];
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<CliRun>;
}

async function publish(directory: string): Promise<void> {
  await using content = await DirectoryContent.list(directory);
  await publishLibrary(new DirectoryPlace(directory), content.items, { name: "Images" });
  await content.save();
}

/** Publishes a directory below a folder and serves it over TLS. */
async function serve(folder: string, options: Partial<ServeOptions> = {}): Promise<Served> {
  const directory = join(folder, "library");
  await mkdir(join(directory, "Debian 13"), { recursive: true });
  await mkdir(join(directory, "photon"), { recursive: true });
  await writeFile(join(directory, "Debian 13", "debian.iso"), disk);
  await writeFile(join(directory, "photon", "photon.ovf"), "<Envelope/>");
  await writeFile(join(directory, "photon", "disk.vmdk"), disk.subarray(0, 70_000));
  await publish(directory);
  const requests: string[] = [];
  const server = await serveLibrary(directory, {
    certificate,
    onRequest: ({ path, status }) => requests.push(`${status} ${path}`),
    ...options,
  });
  const env = { HOME: folder, XDG_STATE_HOME: join(folder, "state"), XDG_CONFIG_HOME: join(folder, "config") };
  return {
    server,
    url: server.url.href,
    directory,
    requests,
    run: async (args, more = {}) => {
      const run = await runCli(args, { ...env, ...more });
      expect(secretsIn(run.stdout + run.stderr, { user: "vcsp", password: secret })).toEqual([]);
      return run;
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

function pinOf({ server }: Served): readonly string[] {
  return ["--thumbprint", server.fingerprints?.sha256 ?? ""];
}

describe("carrel ls", () => {
  test("lists items and files of a published library, as it lists those of a vCenter", async ({ folder }) => {
    await using library = await serve(folder);
    const { url } = library;
    const pin = pinOf(library);
    const items = await library.run(["ls", url, "--columns", "name,type,size,version", ...pin]);
    expect(items).toEqual({
      exitCode: 0,
      stderr: "",
      stdout:
        "NAME       TYPE       SIZE  VERSION\nDebian 13  iso   390.6 KiB        1\nphoton     ovf    68.4 KiB        1\n",
    });
    expect((await library.run(["ls", `${url}/photon`, "-o", "name", ...pin])).stdout).toBe(
      `${url}/photon/disk.vmdk\n${url}/photon/photon.ovf\n`,
    );
    expect((await library.run(["ls", `${url}/PHO*/*.vmdk`, "-o", "name", ...pin])).stdout).toBe("");
    expect((await library.run(["ls", `${url}/pho*/*.vmdk`, "-o", "name", ...pin])).stdout).toBe(
      `${url}/photon/disk.vmdk\n`,
    );
    expect((await library.run(["du", url, ...pin])).stdout).toContain(`459.0 KiB  ${url}\n`);
    const { stdout } = await library.run(["ls", `${url}/Debian 13`, "--json", ...pin]);
    expect(JSON.parse(stdout)).toMatchObject({
      type: "file",
      file: "debian.iso",
      item: "Debian 13",
      library: "Images",
      path: `${url}/Debian 13/debian.iso`,
      sizeBytes: disk.length,
      checksum: { algorithm: "sha256" },
    });
  });
});

test("carrel cat and carrel ls read files in an archive of a published library without the rest", async ({
  folder,
}) => {
  const ova = join(folder, "library", "appliance", "appliance.ova");
  await mkdir(join(ova, ".."), { recursive: true });
  await writeFile(
    ova,
    writeTar([
      { name: "a.ovf", content: "<Envelope/>" },
      { name: "disk.vmdk", content: disk },
    ]),
  );
  await using library = await serve(folder, { password: secret });
  const env = { CARREL_SUBSCRIPTION_PASSWORD: secret };
  const path = `${library.url}/appliance/appliance.ova`;
  expect((await library.run(["ls", path, "-o", "name", ...pinOf(library)], env)).stdout).toBe(
    `${path}/a.ovf\n${path}/disk.vmdk\n`,
  );
  const member = await library.run(["cat", `${path}/*.ovf`, ...pinOf(library)], env);
  expect(member).toMatchObject({ exitCode: 0, stdout: "<Envelope/>" });
  const out = join(folder, "unpacked");
  const unpacked = await library.run(["get", path, "--unpack-ova", "-o", out, ...pinOf(library)], env);
  expect(unpacked).toMatchObject({ exitCode: 0, stderr: "" });
  expect((await readFile(join(out, "disk.vmdk"))).equals(disk)).toBe(true);
  const whole = await library.run(["cat", `${library.url}/photon/photon.ovf`, ...pinOf(library)], env);
  expect(whole).toMatchObject({ exitCode: 0, stdout: "<Envelope/>", stderr: expect.stringContaining("by checksum") });
});

describe("carrel get", () => {
  test("downloads what publish and serve publish, verified by checksum, and again nothing", async ({ folder }) => {
    await using library = await serve(folder, { password: secret });
    const { url } = library;
    const out = join(folder, "out");
    const env = { CARREL_SUBSCRIPTION_PASSWORD: secret };
    const args = ["get", `${url}/*`, "-o", out, ...pinOf(library)];
    const first = await library.run(args, env);
    expect([first.exitCode, first.stderr]).toEqual([0, ""]);
    expect(first.stdout).toMatch(/^3 files of 2 items, 459\.0 KiB in [\d.]+ s .*, all verified by checksum\.$/mu);
    expect(await filesIn(out)).toEqual(["Debian 13/debian.iso", "photon/disk.vmdk", "photon/photon.ovf"]);
    expect(await readFile(join(out, "Debian 13/debian.iso"))).toEqual(disk);
    const before = library.requests.length;
    expect((await library.run(args, env)).stdout).toMatch(
      /^ +390\.6 KiB {2}verified by checksum +exists {2}Debian 13\/debian\.iso$/mu,
    );
    expect(library.requests.slice(before).filter((line) => !line.endsWith(".json"))).toEqual([]);
    const { stdout } = await library.run([...args, "--dry-run"], env);
    expect(stdout).toContain("not downloaded again");
    expect(stdout).toContain("Nothing was downloaded.");
  });

  test("writes one file to standard output", async ({ folder }) => {
    await using library = await serve(folder);
    const path = `${library.url}/photon/photon.ovf`;
    expect(await library.run(["get", path, "-o", "-", ...pinOf(library)])).toMatchObject({
      exitCode: 0,
      stdout: "<Envelope/>",
      stderr: "photon.ovf: 11 B, verified by checksum\n",
    });
  });

  test("resumes after it was killed, by a range", async ({ folder }) => {
    await using library = await serve(folder);
    const large = Buffer.alloc(16 * 1024 * 1024, "large ");
    await writeFile(join(library.directory, "Debian 13", "debian.iso"), large);
    await publish(library.directory);
    const out = join(folder, "out");
    const args = ["get", `${library.url}/Debian 13`, "-o", out, ...pinOf(library), "--json"];
    const env = { HOME: folder, XDG_STATE_HOME: join(folder, "state") };
    const { child, ended } = startCli([...args, "--limit-rate", "4M"], env);
    let seen = "";
    child.stdout.on("data", (chunk: Buffer) => (seen += chunk.toString()));
    const arrived = (): number => Number(/.*"transferring".*"receivedBytes":(\d+)/su.exec(seen)?.[1] ?? 0);
    await until(() => arrived() > 6_000_000);
    child.kill("SIGKILL");
    await ended.catch(() => undefined);
    const second = await runBuilt(args, env);
    expect([second.exitCode, second.stderr]).toEqual([0, ""]);
    expect(second.stdout).toContain('"type":"resumed"');
    expect(library.requests.filter((line) => line.includes("206"))).toHaveLength(1);
    expect((await readFile(join(out, "debian.iso"))).equals(large)).toBe(true);
  });

  test("ends with 5 where the bytes are not those that are published", async ({ folder }) => {
    await using library = await serve(folder);
    await writeFile(join(library.directory, "Debian 13", "debian.iso"), Buffer.alloc(disk.length, "other"));
    const args = ["get", `${library.url}/Debian 13`, "-o", join(folder, "out"), ...pinOf(library)];
    const { exitCode, stderr } = await library.run(args);
    expect([exitCode, stderr]).toEqual([5, expect.stringContaining("debian.iso")]);
    expect(await filesIn(join(folder, "out"))).toEqual([]);
  });

  test("says what is missing: the file, the item, the library", async ({ folder }) => {
    await using library = await serve(folder);
    const { url } = library;
    const get = async (path: string): Promise<readonly [number | null, string]> => {
      const { exitCode, stderr } = await library.run(["get", path, "-o", join(folder, "out"), ...pinOf(library)]);
      return [exitCode, stderr];
    };
    expect(await get(`${url}/photn`)).toEqual([
      4,
      'carrel: No item "photn" in library "Images"\n  Did you mean "photon"?\n',
    ]);
    expect(await get(`${url}/x*`)).toEqual([
      4,
      `carrel: No item of library "Images" matches "x*"\n  List what exists: carrel ls "${url}"\n`,
    ]);
    expect(await get(`${url}/photon/x.iso`)).toEqual([4, expect.stringContaining('no file that matches "x.iso"')]);
    expect(await get(url)).toEqual([
      2,
      `carrel: "Images" is a library with 2 items, not an item\n  All of it: carrel get '${url}/*'\n`,
    ]);
    expect(await get(url.replace("lib.json", "other.json/photon"))).toEqual([
      4,
      `carrel: The server has no "${url.replace("lib.json", "other.json")}" (status 404)\n` +
        "  Check the address: a published library is https://HOST/PATH/lib.json.\n",
    ]);
    await rm(join(library.directory, "photon", "disk.vmdk"));
    expect(await get(`${url}/photon`)).toEqual([
      1,
      expect.stringContaining(`The library lists "disk.vmdk", but ${library.server.url.origin} has no such file`),
    ]);
  });

  test("needs the password and the certificate, and says how to give them", async ({ folder }) => {
    await using library = await serve(folder, { password: secret });
    const { url, server } = library;
    const { host, origin } = server.url;
    const args = ["get", `${url}/photon`, "-o", join(folder, "out")];
    expect(await library.run([...args, ...pinOf(library)])).toMatchObject({
      exitCode: 3,
      stderr:
        `carrel: The server at ${origin} requires the password of the user vcsp\n` +
        "  Set CARREL_SUBSCRIPTION_PASSWORD or CARREL_SUBSCRIPTION_PASSWORD_FILE in the environment.\n",
    });
    const wrong = await library.run([...args, ...pinOf(library)], { CARREL_SUBSCRIPTION_PASSWORD: "wr0ng secret" });
    expect([wrong.exitCode, wrong.stderr]).toEqual([
      3,
      expect.stringContaining("refuses the password of the user vcsp"),
    ]);
    const unknown = await library.run(args, { CARREL_SUBSCRIPTION_PASSWORD: secret });
    expect([unknown.exitCode, unknown.stderr]).toEqual([6, expect.stringContaining(`  carrel trust ${host}\n`)]);
    expect(library.requests.some((line) => line.startsWith("200"))).toBe(false);
    expect(await library.run(["trust", host, ...pinOf(library)])).toMatchObject({ exitCode: 0 });
    const file = join(folder, "password");
    await writeFile(file, `${secret}\n`, { mode: 0o600 });
    expect(await library.run(args, { CARREL_SUBSCRIPTION_PASSWORD_FILE: file })).toMatchObject({ exitCode: 0 });
    const pin = ["--thumbprint", "00".repeat(32)];
    expect(await library.run([...args, ...pin], { CARREL_SUBSCRIPTION_PASSWORD: secret })).toMatchObject({
      exitCode: 6,
    });
  });
});

test.for([
  [["https://h/images", "-o", "x"], "The address of a published library does not end in .json"],
  [["https://vcsp:s3cret@h/lib.json/a"], "Cannot take a password from the command line"],
  [["https://h/lib.json/a", "Images/b"], "Cannot read from a published library and from a vCenter at once"],
  [["https://h/lib.json/a", "https://i/lib.json/a"], "Cannot read from several published libraries at once"],
  [["https://h/a?b/lib.json/a"], "The address of a published library has a query or a fragment"],
  [["https://h/lib.json/a/b/c"], "is not a path"],
  [["https://h/lib.json/a", "--server", "vc"], "--server is for a vCenter, not for a published library"],
  [["https://h/lib.json/a", "--sync"], "--sync is for a vCenter"],
] as const)("carrel get %j is refused", async ([args, text]) => {
  const { exitCode, stderr } = await runCli(["get", ...args]);
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining(text)]);
  expect(stderr).not.toContain("s3cret");
});

test("carrel sync says that it does not change published libraries", async () => {
  const { exitCode, stderr } = await runCli(["sync", "https://h/lib.json/a", "--server", "vc.example.test"]);
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining("A published library can only be read\n")]);
});

test("carrel install-timer plans runs from a published library", async ({ folder }) => {
  const env = { HOME: folder, XDG_STATE_HOME: folder, XDG_CONFIG_HOME: folder };
  const plan = (...args: readonly string[]): Promise<CliRun> =>
    runCli(["install-timer", "--for", "systemd", "--dry-run", ...args, "mirror", "https://h/lib.json", "/srv/x"], {
      ...env,
      CARREL_SUBSCRIPTION_PASSWORD_FILE: "/etc/carrel/images",
    });
  const { exitCode, stdout, stderr } = await plan();
  expect([exitCode, stderr]).toEqual([0, ""]);
  expect(stdout).toContain("Environment=CARREL_SUBSCRIPTION_PASSWORD_FILE=/etc/carrel/images\n");
  expect(stdout).toContain("mirror https://h/lib.json /srv/x\n");
  expect(await plan("--password-file", "/x")).toMatchObject({ exitCode: 2 });
  const secretive = await runCli(["install-timer", "--dry-run", "get", "https://h/lib.json/a"], {
    ...env,
    CARREL_SUBSCRIPTION_PASSWORD: secret,
  });
  expect([secretive.exitCode, secretive.stderr]).toEqual([
    2,
    "carrel: CARREL_SUBSCRIPTION_PASSWORD is not written to a unit\n" +
      "  Set CARREL_SUBSCRIPTION_PASSWORD_FILE to a file with that of the library.\n",
  ]);
});

describe("carrel mirror", () => {
  test("keeps a directory up to date with a published library", async ({ folder }) => {
    await using library = await serve(folder, { password: secret });
    const { directory } = library;
    const copy = join(folder, "copy");
    const env = { CARREL_SUBSCRIPTION_PASSWORD: secret };
    const mirror = (...more: readonly string[]): Promise<CliRun> =>
      library.run(["mirror", library.url, copy, ...pinOf(library), ...more], env);
    const plan = await mirror("--dry-run");
    expect([plan.exitCode, plan.stderr]).toEqual([1, ""]);
    expect(await mirror()).toMatchObject({ exitCode: 0, stderr: "" });
    const files = ["Debian 13/debian.iso", "photon/disk.vmdk", "photon/photon.ovf"];
    expect((await filesIn(copy)).filter((path) => !path.startsWith("."))).toEqual(files);
    const before = library.requests.length;
    expect(await mirror("--verify")).toMatchObject({ exitCode: 0, stderr: "" });
    expect(library.requests.slice(before).filter((line) => !line.endsWith(".json"))).toEqual([]);
    await writeFile(join(directory, "photon", "photon.ovf"), "<Envelope>2</Envelope>");
    await rm(join(directory, "Debian 13"), { recursive: true });
    await publish(directory);
    const changed = library.requests.length;
    expect(await mirror("--delete")).toMatchObject({ exitCode: 0, stderr: "" });
    expect((await filesIn(copy)).filter((path) => !path.startsWith("."))).toEqual(files.slice(1));
    expect(await readFile(join(copy, "photon/photon.ovf"), "utf8")).toBe("<Envelope>2</Envelope>");
    // What has not changed is not fetched again.
    expect(library.requests.slice(changed).filter((line) => line.endsWith("disk.vmdk"))).toEqual([]);
    expect(await library.run(["verify", copy])).toMatchObject({ exitCode: 0 });
  });

  test.for([
    [["https://h/lib.json/a", "x"], '"https://h/lib.json/a" is not a library'],
    [["https://h/lib.json", "Images", "x"], "Cannot read from a published library and from a vCenter at once"],
    [["https://h/lib.json", "x", "--sync"], "--sync is for a vCenter"],
  ] as const)("refuses %j", async ([args, text]) => {
    const { exitCode, stderr } = await runCli(["mirror", ...args]);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(text)]);
  });
});
