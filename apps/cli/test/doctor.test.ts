import { describe, expect } from "vitest";
import { test } from "./support/fixture.ts";

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
    expect(stdout).toMatch(/; (?:small\.txt was read, 5 B|the first bytes of disk\.vmdk came)$/mu);
    expect(simulator.downloadSessions).toEqual([]);
  },
);

describe("what is in the way", () => {
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
    const { run } = await simulate({ libraries });
    const { exitCode, stdout } = await run(["doctor", "--item", "Images"]);
    expect(exitCode).toBe(2);
    expect(stdout).toMatch(/^failure +item +--item names no item: "Images"\.$/mu);
  });

  test("a privilege", async ({ simulate }) => {
    const { run } = await simulate({ libraries, privilegesLacking: ["ContentLibrary.DownloadSession"] });
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
