import { describe, expect } from "vitest";
import { test } from "./support/fixture.ts";
import { eventsOf } from "./support/mirrored.ts";

const libraries = [
  {
    name: "Images",
    items: [
      { name: "empty", type: "iso" },
      {
        name: "debian",
        type: "iso",
        files: [
          { name: "big.iso", sizeBytes: 300_000_000 },
          { name: "small.txt", text: "hello" },
          { name: "empty.nvram", text: "" },
        ],
      },
    ],
  },
  { name: "Large", items: [{ name: "disk", files: [{ name: "disk.vmdk", sizeBytes: 300_000_000 }] }] },
];

const steps = ["name", "connection", "certificate", "wire style", "login", "clocks", "libraries", "item", "download"];

test.for([[[]], [["--item", "Large/disk"]], [["--wire", "rest"]]])(
  "all is well with %j",
  async ([more], { simulate }) => {
    const { simulator, run } = await simulate({ libraries });
    const { exitCode, stdout, stderr } = await run(["doctor", ...(more ?? [])]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    const lines = stdout.trimEnd().split("\n");
    expect(lines.map((line) => line.slice(9, 25).trim())).toEqual(steps);
    for (const line of lines) expect(line).toMatch(/^ok {7}/u);
    expect(stdout).toContain("the certificate is pinned");
    // The smallest file that is not empty; of a large one, the beginning.
    expect(stdout).toMatch(
      /; (?:small\.txt was read \(5 B\)|the first bytes of disk\.vmdk were read), from https:\/\/127\.0\.0\.1:\d+$/mu,
    );
    expect(simulator.downloadSessions).toEqual([]);
  },
);

describe("an obstacle", () => {
  test("a certificate", async ({ simulate }) => {
    const { simulator, run } = await simulate({ libraries });
    const { exitCode, stdout } = await run(["doctor"], { VSPHERE_THUMBPRINT: "" });
    expect(exitCode).toBe(6);
    expect(stdout).toMatch(/^failure +certificate /mu);
    expect(stdout).toContain(simulator.certificate?.sha256);
    expect(simulator.journal).toEqual([]);
  });

  test("a password", async ({ simulate }) => {
    const { run } = await simulate({ libraries });
    const { exitCode, stdout } = await run(["doctor"], { VSPHERE_PASSWORD: "wrong" });
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(/^failure +login /mu);
  });

  test("an item that is none", async ({ simulate }) => {
    const { simulator, run } = await simulate({ libraries });
    for (const item of ["Images", "a/b/c"]) {
      const { exitCode, stdout, stderr } = await run(["doctor", "--item", item]);
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
      expect(stderr).toContain(`"${item}"`);
    }
    expect(simulator.journal).toEqual([]);
  });

  test("no password, no user, no server: what to do is said at the step that lacks it", async ({ simulate }) => {
    const { run } = await simulate({ libraries });
    for (const env of [{ VSPHERE_PASSWORD: "" }, { VSPHERE_USER: "" }]) {
      const { exitCode, stdout, stderr } = await run(["doctor"], env);
      expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: "" });
      expect(stdout).toMatch(/^ok +wire style .*\nfailure +login +No (?:password|user name) given\n +\S.*\n$/mu);
    }
    const { exitCode, stdout } = await run(["doctor"], { VSPHERE_SERVER: "" });
    expect(exitCode).toBe(2);
    expect(stdout).toMatch(/^failure +settings +No vCenter given\n +Pass --server/u);
  });

  test("with --json, one object a step and one at the end", async ({ simulate }) => {
    const { run } = await simulate({ libraries });
    const well = eventsOf((await run(["doctor", "--json"])).stdout);
    expect(well.slice(0, -1)).toMatchObject(steps.map((name) => ({ type: "step", name, status: "ok", hints: [] })));
    expect(well.at(-1)).toEqual({ type: "summary", exitCode: 0 });
    const ill = eventsOf((await run(["doctor", "--json"], { VSPHERE_PASSWORD: "wrong" })).stdout);
    expect(ill.slice(-2)).toMatchObject([
      { type: "step", name: "login", status: "failure", error: { exitCode: 3, code: "AUTH" } },
      { type: "summary", exitCode: 3 },
    ]);
  });

  test("the version is not claimed", async ({ simulate }) => {
    const { run } = await simulate({ libraries });
    const { stdout } = await run(["doctor"]);
    expect(stdout).toMatch(/^ok +wire style +api: .*; the server does not report its version there$/mu);
  });

  test("a privilege", async ({ simulate }) => {
    const { run } = await simulate({ libraries, missingPrivileges: ["ContentLibrary.DownloadSession"] });
    const { exitCode, stdout } = await run(["doctor"]);
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(/^failure +download .*ContentLibrary\.DownloadSession/mu);
  });

  test("nothing to see, and http", async ({ simulate }) => {
    const { run } = await simulate({ tls: false });
    const { exitCode, stdout } = await run(["doctor"]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^warning +certificate +not used/mu);
    expect(stdout).toMatch(/^warning +libraries +0 libraries visible/mu);
  });

  test("the name, the port, another server", async ({ simulate }) => {
    const { run } = await simulate();
    const unknown = await run(["doctor", "--server", "no-such-host.invalid"]);
    expect(unknown).toMatchObject({ exitCode: 1, stdout: expect.stringMatching(/^failure +name /u) as string });
    const closed = await run(["doctor", "--server", "127.0.0.1:9"]);
    expect(closed).toMatchObject({ exitCode: 1, stdout: expect.stringMatching(/^failure +connection /mu) as string });
  });

  test("a transfer that is refused", async ({ simulate }) => {
    const { run } = await simulate({
      libraries,
      faults: [{ on: "transfer", kind: "status", status: 403, times: "always" }],
    });
    const { exitCode, stdout } = await run(["doctor"]);
    expect(exitCode).not.toBe(0);
    expect(stdout).toMatch(/^failure +download /mu);
  });
});
