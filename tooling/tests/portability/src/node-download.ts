// Downloads an item with node-stream from a simulator over TLS, both in this process: once known by the authority that
// signed the certificate, once by the fingerprint; and not at all where the fingerprint is another one. Then mirrors its
// library, twice. Prints the name of what went well. Usage: node-download.ts
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CertificateError, createClient, passwordAuth } from "@carrel/core";
import { mirrorLibrary } from "@carrel/mirror";
import { createNodeFetch, downloadItem } from "@carrel/node-stream";
import type { NodeFetchOptions } from "@carrel/node-stream";
import { startSimulator } from "@carrel/simulator";
import { check, rejectionOf } from "./check.ts";
import { withClient } from "./connect.ts";
import { expectedBytes } from "./test-server.ts";

const bytes = expectedBytes(3_000_001);
const files = [{ name: "disk.iso", bytes }];
const simulator = await startSimulator({
  tls: true,
  libraries: [{ name: "images", items: [{ name: "ubuntu", files }] }],
});

async function download(options: NodeFetchOptions): Promise<void> {
  const fetch = createNodeFetch({ ...options, proxy: false });
  const folder = await mkdtemp(join(tmpdir(), "carrel-portability-"));
  const client = createClient({ endpoint: simulator.url, auth: passwordAuth(simulator.credentials), fetch });
  try {
    await withClient(client, async () => {
      const [itemId = ""] = await client.item.find({ name: "ubuntu" });
      const report = await downloadItem(client, itemId, folder).report;
      check(report.files[0]?.verifiedBy === "checksum", "the file is verified");
      check((await readFile(join(folder, "disk.iso"))).equals(bytes), "the bytes are the file's");
    });
  } finally {
    await fetch[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  }
}

async function mirror(options: NodeFetchOptions): Promise<void> {
  const fetch = createNodeFetch({ ...options, proxy: false });
  const directory = await mkdtemp(join(tmpdir(), "carrel-portability-"));
  const client = createClient({ endpoint: simulator.url, auth: passwordAuth(simulator.credentials), fetch });
  try {
    await withClient(client, async () => {
      const [libraryId = ""] = await client.library.find({ name: "images" });
      const first = await mirrorLibrary(client, libraryId, directory, { ...options, proxy: false }).report;
      check(first.counts.new === 1, "the item is new");
      check((await readFile(join(directory, "ubuntu", "disk.iso"))).equals(bytes), "the bytes are the file's");
      const second = await mirrorLibrary(client, libraryId, directory, { verify: true }).report;
      check(second.counts.unchanged === 1 && second.verified?.differing === 0, "a second run finds it unchanged");
    });
  } finally {
    await fetch[Symbol.asyncDispose]();
    await rm(directory, { recursive: true });
  }
}

const { pem = "", sha256 = "" } = simulator.certificate ?? {};
await download({ ca: pem });
console.log("by authority");
await download({ thumbprint: sha256 });
console.log("by fingerprint");
const refused = await rejectionOf(download({ ca: pem, thumbprint: "00".repeat(32) }), "a download under a wrong pin");
check(refused instanceof CertificateError, `a CertificateError, not ${String(refused)}`);
console.log("not by another fingerprint");
await mirror({ ca: pem });
console.log("as a mirror");
check(simulator.openSessions.length + simulator.openApiSessions.length === 0, "nothing is left open");
await simulator[Symbol.asyncDispose]();
