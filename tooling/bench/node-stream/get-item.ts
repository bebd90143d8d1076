/**
 * One verified download of one file with `downloadItem`, in a process of its own. Prints one line of JSON.
 * Arguments: URL of the file, fingerprint of the server, folder, SHA-256 that the server states, length.
 */
import type { CarrelClient, DownloadFileInfo, DownloadLease } from "@carrel/core";
import { downloadItem } from "@carrel/node-stream";

const [url = "", thumbprint = "", folder = "", checksum = "", size = "0"] = process.argv.slice(2);
const name = "disk-0.vmdk";
const info: DownloadFileInfo = { name, size: Number(size), bytes_transferred: 0, status: "PREPARED" };
const session = { id: "s", itemId: "i", contentVersion: "1", progressPercent: 0, expiresAt: new Date() };

// Stands in for a vCenter's API, which costs a dozen requests and is not what is measured; the bytes come from nginx.
const lease: DownloadLease = {
  id: session.id,
  itemId: session.itemId,
  origin: new URL(url).origin,
  signal: new AbortController().signal,
  getSnapshot: () => ({ phase: "active", session, renewals: 0 }),
  subscribe: () => () => {},
  [Symbol.asyncIterator]: () => {
    throw new Error("not used");
  },
  reportProgress: () => {},
  files: () => Promise.resolve([info]),
  file: () => Promise.resolve({ ...info, checksum_info: { algorithm: "SHA256", checksum } }),
  itemFiles: () => Promise.resolve([]),
  prepare: () => Promise.resolve({ uri: url }),
  endpoint: () => Promise.resolve({ uri: url }),
  close: () => Promise.resolve(),
  [Symbol.asyncDispose]: () => Promise.resolve(),
};
const client = {
  origin: "https://vc.example.test",
  lease: () => Promise.resolve(lease),
  sessionToken: () => Promise.resolve("none"),
  item: { file: { list: () => Promise.resolve([]) } },
} as unknown as CarrelClient;

let peakRss = 0;
const sample = setInterval(() => (peakRss = Math.max(peakRss, process.memoryUsage.rss())), 50);
const cpu = process.cpuUsage();
const startedAt = performance.now();
const { files } = await downloadItem(client, session.itemId, folder, { thumbprint, existing: "overwrite" }).report;
const ms = performance.now() - startedAt;
clearInterval(sample);
const { user, system } = process.cpuUsage(cpu);
const verifiedBy = files[0]?.verifiedBy;
process.stdout.write(
  `${JSON.stringify({ ms, cpuMs: (user + system) / 1000, peakRssMiB: peakRss / 2 ** 20, verifiedBy })}\n`,
);
