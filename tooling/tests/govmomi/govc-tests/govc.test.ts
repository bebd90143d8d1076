// A client that knows nothing of Carrel, against the simulator in the legacy style over TLS.
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSimulator } from "@carrel/simulator";
import type { Simulator, SimulatorOptions } from "@carrel/simulator";
import { hexDigest } from "@carrel/test-kit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type GovcRun, runGovc } from "../src/run-govc.ts";

const libraries = [
  {
    name: "Images",
    items: [
      {
        name: "appliance",
        type: "ovf",
        files: [
          { name: "appliance.ovf", text: "<Envelope/>" },
          { name: "disk 0.vmdk", sizeBytes: 8_000_000 },
          { name: "empty.nvram", bytes: new Uint8Array() },
        ],
      },
      { name: "debian", type: "iso", files: [{ name: "debian.iso", sizeBytes: 300_000 }] },
    ],
  },
  { name: "Empty" },
];

let simulator: Simulator;
let folder: string;

const start = async (options: SimulatorOptions = {}): Promise<void> => {
  simulator = await startSimulator({ tls: true, libraries, ...options });
};

const govc = async (...args: string[]): Promise<GovcRun> => runGovc(simulator, folder, args);
const succeeded = expect.objectContaining({ exitCode: 0, stderr: "" }) as GovcRun;
const linesOf = ({ stdout }: GovcRun): string[] => stdout.trim().split("\n").toSorted();
const sha256Of = async (path: string): Promise<string> => hexDigest("sha256", await readFile(join(folder, path)));

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "carrel-govc-"));
});

afterEach(async () => {
  expect(simulator.openApiSessions).toEqual([]);
  expect(simulator.journal.every(({ outcome }) => outcome === "answered")).toBe(true);
  await simulator[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

describe("library.ls", () => {
  test("lists libraries, items and files", async () => {
    await start();
    const all = await govc("library.ls");
    expect(all).toEqual(succeeded);
    expect(linesOf(all)).toEqual(["/Empty", "/Images"]);
    expect(linesOf(await govc("library.ls", "/*/"))).toEqual(["/Images/appliance", "/Images/debian"]);
    const files = await govc("library.ls", "-json", "/Images/appliance/");
    expect(JSON.parse(files.stdout)).toEqual([
      { name: "appliance.ovf", size: 11, cached: true, version: "1" },
      { name: "disk 0.vmdk", size: 8_000_000, cached: true, version: "1" },
      { name: "empty.nvram", size: 0, cached: true, version: "1" },
    ]);
  });

  test("finds nothing in a simulator that holds nothing", async () => {
    await start({ libraries: [] });
    expect(await govc("library.ls")).toEqual(succeeded);
    expect(linesOf(await govc("library.ls"))).toEqual([""]);
  });

  test("knows the simulator by its thumbprint too, and not without either", async () => {
    await start();
    const hosts = join(folder, "hosts");
    await writeFile(hosts, `${simulator.url.host} ${simulator.certificate?.sha256 ?? ""}\n`);
    const untrusted = { GOVC_TLS_CA_CERTS: "" };
    const known = await runGovc(simulator, folder, ["library.ls"], { ...untrusted, GOVC_TLS_KNOWN_HOSTS: hosts });
    expect(known).toEqual(succeeded);
    const refused = await runGovc(simulator, folder, ["library.ls"], untrusted);
    expect(refused).toMatchObject({ exitCode: 1 });
    expect(refused.stderr).toContain("certificate signed by unknown authority");
  });

  test("tells that the password is wrong", async () => {
    await start();
    const refused = await runGovc(simulator, folder, ["library.ls"], { GOVC_PASSWORD: "wrong" });
    expect(refused).toMatchObject({ exitCode: 1 });
    expect(refused.stderr).toContain("401 Unauthorized");
  });
});

describe("library.export", () => {
  test("exports an item byte for byte", async () => {
    await start();
    expect(await govc("library.export", "/Images/appliance")).toEqual(succeeded);
    for (const file of simulator.inventory.item("Images/appliance").files) {
      expect([file.name, await sha256Of(file.name)]).toEqual([file.name, await file.sha256()]);
    }
    expect((await readdir(folder)).toSorted()).toEqual(["appliance.ovf", "disk 0.vmdk", "empty.nvram", "trusted.pem"]);
    // It leaves its download session on the server; its own commands find it and take it away.
    const [left = ""] = simulator.openSessions;
    const listed = await govc("library.session.ls");
    expect(listed.stdout).toContain(`${left}  /Images/appliance  Download`);
    expect(await govc("library.session.rm", "-f", left)).toEqual(succeeded);
    expect(simulator.downloadSessions).toEqual([]);
  });

  test("waits for a file that is being prepared", async () => {
    await start({ prepare: { requestedMs: 200, preparingMs: 200 } });
    const exported = await govc("library.export", "/Images/debian/debian.iso", "copy.iso");
    expect(exported).toEqual(succeeded);
    expect(await sha256Of("copy.iso")).toBe(
      await simulator.inventory.item("Images/debian").file("debian.iso").sha256(),
    );
    const polls = simulator.journal.filter(({ operation }) => operation === "downloadSession.file.get");
    expect(polls.length).toBeGreaterThan(1);
  });

  test("prints the message of the server for a file that cannot be prepared", async () => {
    await start({
      faults: [
        { kind: "prepareError", on: "downloadSession.file.prepare", message: "The disk of the host is on fire." },
      ],
    });
    const failed = await govc("library.export", "/Images/debian");
    expect(failed).toMatchObject({ exitCode: 1 });
    expect(failed.stderr).toContain("The disk of the host is on fire.");
  });
});

describe("uploads", () => {
  const sha256 = hexDigest("sha256", "hello world");

  beforeEach(async () => {
    await start();
    await writeFile(join(folder, "hello.iso"), "hello world");
  });

  test("come into a new item, and out again", async () => {
    expect(await govc("carrel.upload", "Empty", "hello", "hello.iso", sha256)).toEqual(succeeded);
    expect(linesOf(await govc("library.ls", "/Empty/*/"))).toEqual(["/Empty/hello/hello.iso"]);
    expect((await govc("library.export", "/Empty/hello/hello.iso", "-")).stdout).toBe("hello world");
    expect(await govc("library.rm", "/Empty/hello")).toEqual(succeeded);
    expect(simulator.inventory.library("Empty").items).toEqual([]);
  });

  test("with a checksum that does not match are refused", async () => {
    const refused = await govc("carrel.upload", "Empty", "hello", "hello.iso", "0".repeat(64));
    expect(refused).toMatchObject({ exitCode: 1 });
    expect(refused.stderr).toContain("com.vmware.vapi.std.errors.not_allowed_in_current_state");
    expect(simulator.inventory.item("Empty/hello").files).toEqual([]);
  });
});

test("sessions end as govmomi's own calls end them, but for fail, which it sends without the message", async () => {
  await start();
  const ends = await govc("carrel.ends", "/Images/debian");
  expect(ends).toEqual(succeeded);
  const lines = ends.stdout.trim().split("\n");
  expect(lines.splice(2, 1).join()).toContain("fail: 400 Bad Request: ");
  expect(lines).toEqual(["keep-alive: ACTIVE", "cancel: CANCELED", "fail: ACTIVE", "delete: gone"]);
  expect(simulator.downloadSessions).toEqual([]);
});
