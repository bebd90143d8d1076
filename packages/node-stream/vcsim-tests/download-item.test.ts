// Downloads of an item from vcsim, which tells neither length nor checksum and ignores ranges.
import { readdir, readFile } from "node:fs/promises";
import { createClient, passwordAuth } from "@carrel/core";
import type { CarrelClient } from "@carrel/core";
import { listDownloadSessions, seedLibrary, startVcsim } from "@carrel/vcsim";
import type { SeededLibrary, Vcsim } from "@carrel/vcsim";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createNodeFetch, downloadItem } from "../src/index.ts";
import type { NodeFetch } from "../src/index.ts";
import { hexDigest, tempDirectory } from "@carrel/test-kit";

const MiB = 1_048_576;
const files = [
  { name: "empty.txt", sizeBytes: 0 },
  { name: "small.nvram", sizeBytes: 1_000 },
  { name: "disk.iso", sizeBytes: 32 * MiB },
];
let vcsim: Vcsim;
let fetch: NodeFetch;
let client: CarrelClient;
let seeded: SeededLibrary;

beforeAll(async () => {
  vcsim = await startVcsim();
  seeded = await seedLibrary(vcsim, { library: "library", item: "item", files });
  fetch = createNodeFetch({ thumbprint: vcsim.thumbprint, proxy: false });
  const auth = passwordAuth({ username: vcsim.user, password: vcsim.password });
  client = createClient({ endpoint: vcsim.url, auth, fetch });
});

afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await fetch[Symbol.asyncDispose]();
  await vcsim[Symbol.asyncDispose]();
});

async function expectWhole(folder: string): Promise<void> {
  for (const { name, sha256 } of seeded.files) {
    const bytes = await readFile(`${folder}/${name}`);
    expect([name, hexDigest("sha256", bytes)]).toEqual([name, sha256]);
  }
  expect(await readdir(folder)).toHaveLength(files.length);
  expect(await listDownloadSessions(vcsim)).toEqual([]);
}

test("every byte arrives, and what could not be verified is not called so", async () => {
  await using folder = await tempDirectory();
  const report = await downloadItem(client, seeded.itemId, folder.path, { proxy: false, thumbprint: vcsim.thumbprint })
    .report;
  await expectWhole(folder.path);
  const disk = report.files.find(({ name }) => name === "disk.iso");
  expect(disk).toMatchObject({ verifiedBy: "nothing", sizeBytes: 32 * MiB, receivedBytes: 32 * MiB });
});

test("downloadItem resumes after an interruption by reading the beginning again", async () => {
  await using folder = await tempDirectory();
  const options = { proxy: false, thumbprint: vcsim.thumbprint } as const;
  const limited = { ...options, maxBytesPerSecond: 64 * MiB, progressIntervalMs: 20 };
  for await (const event of downloadItem(client, seeded.itemId, folder.path, limited)) {
    if (event.type === "transferring" && event.receivedBytes > 8 * MiB) break;
  }
  expect(await listDownloadSessions(vcsim)).toEqual([]);
  const resumed: number[] = [];
  const task = downloadItem(client, seeded.itemId, folder.path, options);
  for await (const event of task) {
    // vcsim answers nothing while it sends a file: small ones that have their bytes may wait for a word on them as well.
    if (event.type === "resumed" && event.file === "disk.iso") resumed.push(event.fromByte);
  }
  expect(resumed).toHaveLength(1);
  expect(resumed[0]).toBeGreaterThan(8 * MiB);
  await expectWhole(folder.path);
});
