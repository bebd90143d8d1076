import { join } from "node:path";
import type { FileSeed, SimulatorOptions } from "@carrel/simulator";
import { sha256 } from "@carrel/test-kit";
import { describe, expect } from "vitest";
import { filesIn, test } from "./support/fixture.ts";

interface Event {
  readonly type: string;
}

function eventsOf(stdout: string): readonly Event[] {
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Event);
}

const disk = { name: "disk.vmdk", bytes: new Uint8Array(30_000).fill(7) };
const good = sha256(disk.bytes);
const bad = "0".repeat(64);

/** A server that has one package. */
function serving(manifest: string, more: SimulatorOptions = {}): SimulatorOptions {
  const files: readonly FileSeed[] = [disk, { name: "x.mf", text: manifest }];
  return { libraries: [{ name: "Images", items: [{ name: "vm", type: "ovf", files }] }], ...more };
}
const noSum = { report: { checksum: "never" } } as const;

describe("a manifest that cannot prove a file is never passed over", () => {
  test("by get", async ({ simulate, folder }) => {
    const { run } = await simulate(serving(`SHA3-256(disk.vmdk)= ${bad}\n`, noSum));
    const args = ["get", "Images/vm", "-o", folder];
    const got = await run(args);
    expect(got).toMatchObject({
      exitCode: 0,
      stderr:
        'Warning: "vm": line 1 of "x.mf": the algorithm "SHA3-256" of "disk.vmdk" is unknown\n' +
        'Warning: "vm": "disk.vmdk": no manifest verifies it, only its length was compared\n',
    });
    expect(got.stdout).toMatch(
      /, (?:1 verified by length; )?1 verified by length only, as the manifest cannot verify it\.$/mu,
    );
    const events = eventsOf((await run([...args, "--json", "--existing", "overwrite"])).stdout);
    const note = { reason: "unknown-algorithm", manifest: "x.mf", line: 1, named: "disk.vmdk", value: "SHA3-256" };
    expect(events.filter(({ type }) => type === "manifest")).toEqual([
      {
        type: "manifest",
        library: "Images",
        libraryId: expect.any(String) as string,
        item: "vm",
        itemId: expect.any(String) as string,
        name: "x.mf",
        matched: [],
        notDownloaded: [],
        unnamed: [],
        notes: [note],
      },
    ]);
    expect(events).toContainEqual(expect.objectContaining({ type: "finished", file: "disk.vmdk", doubts: [note] }));
    const strict = await run([...args, "--require-verified", "--existing", "overwrite"]);
    expect(strict).toMatchObject({ exitCode: 5 });
    expect(strict.stderr).toContain('Cannot verify "disk.vmdk": the server states no checksum, and line 1 of "x.mf"');
  });

  test("by mirror", async ({ simulate, folder }) => {
    const { run } = await simulate(serving(`SHA3-256(disk.vmdk)= ${bad}\n`, noSum));
    const quiet = await run(["mirror", "Images", join(folder, "one"), "--quiet"]);
    expect(quiet).toMatchObject({ exitCode: 0, stdout: "" });
    expect(quiet.stderr).toContain('Warning: "vm": line 1 of "x.mf"');
    const { stdout } = await run(["mirror", "Images", join(folder, "other"), "--json"]);
    expect(eventsOf(stdout)).toContainEqual(
      expect.objectContaining({
        type: "mirrored",
        doubts: [{ file: "disk.vmdk", doubts: [expect.objectContaining({ reason: "unknown-algorithm" })] }],
        manifests: [expect.objectContaining({ name: "x.mf" })],
        archives: [],
      }),
    );
    const strict = await run(["mirror", "Images", join(folder, "strict"), "--require-verified"]);
    expect(strict).toMatchObject({ exitCode: 5 });
  });
});

test("a disk that a manifest names and the item lacks is reported, and not all is verified", async ({
  simulate,
  folder,
}) => {
  const text = `SHA256(disk.vmdk)= ${good}\nSHA256(disk2.vmdk)= ${bad}\nSHA256(x.nvram)= ${bad}\n`;
  const { run } = await simulate(serving(text));
  const got = await run(["get", "Images/vm", "-o", folder]);
  expect(got).toMatchObject({ exitCode: 0 });
  expect(got.stderr).toContain('line 2 of "x.mf": it names "disk2.vmdk", which is missing\n');
  expect(got.stderr).toContain('line 3 of "x.mf": it names "x.nvram", which is missing\n');
  expect(got.stdout).toMatch(/, 2 verified by checksum; 1 file MISSING that a manifest names\.$/mu);
  const strict = await run(["get", "Images/vm", "-o", folder, "--require-verified"]);
  expect(strict).toMatchObject({ exitCode: 5 });
  expect(strict.stderr).toContain('"disk2.vmdk" is missing: the OVF manifest "x.mf" names it in line 2');
});

describe("a manifest that is wrong while the server's checksum agrees", () => {
  const stale = serving(`SHA256(disk.vmdk)= ${bad}\n`);

  test("fails get, which says what to do", async ({ simulate, folder }) => {
    const { run } = await simulate(stale);
    const args = ["get", "Images/vm", "-o", folder];
    const failed = await run(args);
    expect(failed).toMatchObject({ exitCode: 5 });
    expect(failed.stderr).toContain("the server has exactly these bytes, and the manifest is wrong\n");
    expect(failed.stderr).toContain("--manifest report");
    expect(failed.stderr).not.toContain("Run the same command again");
    expect(await filesIn(folder)).not.toContain("disk.vmdk");
    const kept = await run([...args, "--manifest", "report"]);
    expect(kept).toMatchObject({ exitCode: 0 });
    expect(kept.stderr).toContain('line 1 of "x.mf": it states a different digest for "disk.vmdk"\n');
    expect(kept.stdout).toMatch(
      /, 1 verified by checksum; 1 unchanged since verified by checksum; 1 file CONTRADICTED by a manifest\.$/mu,
    );
    expect(await filesIn(folder)).toEqual(["disk.vmdk", "x.mf"]);
  });

  test("fails mirror, and is kept with --manifest report", async ({ simulate, folder }) => {
    const { run } = await simulate(stale);
    expect(await run(["mirror", "Images", folder])).toMatchObject({ exitCode: 5 });
    const kept = await run(["mirror", "Images", folder, "--manifest", "report"]);
    expect(kept).toMatchObject({ exitCode: 0 });
    expect(kept.stdout).toMatch(/1 file CONTRADICTED by a manifest {2}vm$/mu);
  });

  test("nothing else than check and report is understood", async ({ simulate, folder }) => {
    const { run } = await simulate(stale);
    expect(await run(["get", "Images/vm", "-o", folder, "--manifest", "ignore"])).toMatchObject({ exitCode: 2 });
  });
});

test("what a manifest leaves open is also said where the file goes to standard output", async ({ simulate }) => {
  const args = ["get", "Images/vm/disk.vmdk", "-o", "-"];
  const weak = await simulate(serving(`SHA3-256(disk.vmdk)= ${bad}\n`, noSum));
  expect(await weak.run(args)).toMatchObject({
    exitCode: 0,
    stderr:
      'Warning: line 1 of "x.mf": the algorithm "SHA3-256" of "disk.vmdk" is unknown\n' +
      "disk.vmdk: 29.3 KiB, verified by length\n",
  });
  const stale = await simulate(serving(`SHA256(disk.vmdk)= ${bad}\n`));
  expect(await stale.run(args)).toMatchObject({ exitCode: 5 });
  expect(await stale.run([...args, "--manifest", "report"])).toMatchObject({
    exitCode: 0,
    stderr:
      'Warning: line 1 of "x.mf": it states a different digest for "disk.vmdk"\n' +
      "disk.vmdk: 29.3 KiB, verified by checksum\n",
  });
});

describe("an archive on its way to standard output", () => {
  /** A member of a tar archive. */
  function member(name: string, content: string, type = "0"): Buffer {
    const header = Buffer.alloc(512);
    header.write(name);
    header.write(`${content.length.toString(8).padStart(11, "0")}\0`, 124);
    header.write(`        ${type}`, 148);
    header.write("ustar  \0", 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    return Buffer.concat([header, Buffer.from(content), Buffer.alloc(512 - (content.length % 512))]);
  }
  const args = ["get", "Images/vm/x.ova", "-o", "-"];
  const ovaOf = (...members: readonly Buffer[]): object => {
    const files = [{ name: "x.ova", bytes: Buffer.concat([...members, Buffer.alloc(1024)]) }];
    return { libraries: [{ name: "Images", items: [{ name: "vm", type: "ova", files }] }] };
  };
  const inside = member("d.vmdk", "disk");
  const digest = sha256("disk");

  test("is compared with the manifest inside it", async ({ simulate }) => {
    const { run } = await simulate({ ...ovaOf(member("x.mf", `SHA256(d.vmdk)= ${digest}`), inside), ...noSum });
    expect(await run(args)).toMatchObject({ exitCode: 0, stderr: "x.ova: 3.0 KiB, verified by manifest\n" });
    const wrong = await simulate({ ...ovaOf(member("x.mf", `SHA256(d.vmdk)= ${bad}`), inside), ...noSum });
    const failed = await wrong.run(args);
    expect(failed).toMatchObject({ exitCode: 5 });
    expect(failed.stderr).toContain('"d.vmdk" in "x.ova" does not match the OVF manifest "x.mf" (line 1)');
    expect(failed.stderr).toContain("do not use it.");
  });

  test("is said not to have been where that needs a file", async ({ simulate }) => {
    const { run } = await simulate({ ...ovaOf(member("d.vmdk", "sparse", "S")), ...noSum });
    expect((await run(args)).stderr).toBe(
      'Warning: "x.ova": it was not compared with the manifests inside it, which requires a file rather than a stream\n' +
        "x.ova: 2.0 KiB, verified by length\n",
    );
    expect(await run([...args, "--require-verified"])).toMatchObject({ exitCode: 5 });
  });
});

test("an archive that cannot be read is whole by its checksum, and what is odd about it is reported", async ({
  simulate,
  folder,
}) => {
  const files = [{ name: "x.ova", text: "<html>" }];
  const { run } = await simulate({ libraries: [{ name: "Images", items: [{ name: "vm", type: "ova", files }] }] });
  const got = await run(["get", "Images/vm", "-o", folder, "--require-verified"]);
  expect(got).toMatchObject({ exitCode: 0, stderr: 'Warning: "vm": "x.ova": it is not a tar archive\n' });
  expect(got.stdout).toMatch(/, all verified by checksum\.$/mu);
});
