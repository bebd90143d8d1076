// Verified downloads of one item's files with `downloadItem`, in a process of its own. Prints its counts as JSON.
import process from "node:process";
import type { CarrelClient, DownloadFileInfo, DownloadLease } from "@carrel/core";
import { downloadItem } from "@carrel/node-stream";

/** What is downloaded: the same bytes under several names. */
export interface DownloadInput {
  readonly url: string;
  readonly thumbprint: string;
  readonly directory: string;
  /** SHA-256 that the server states. */
  readonly checksum: string;
  readonly sizeBytes: number;
  readonly files: number;
}

const input = JSON.parse(process.argv[2] ?? "{}") as DownloadInput;
const infos = Array.from({ length: input.files }, (_, index): DownloadFileInfo => {
  return { name: `disk-${index}.vmdk`, size: input.sizeBytes, bytes_transferred: 0, status: "PREPARED" };
});
const session = { id: "s", itemId: "i", contentVersion: "1", progressPercent: 0, expiresAt: new Date() };
const checksum_info = { algorithm: "SHA256", checksum: input.checksum } as const;

// Stands in for a vCenter's API, which costs a dozen requests and is not what is measured; the bytes come from nginx.
const lease: DownloadLease = {
  id: session.id,
  itemId: session.itemId,
  origin: new URL(input.url).origin,
  signal: new AbortController().signal,
  getSnapshot: () => ({ phase: "active", session, renewals: 0 }),
  subscribe: () => () => {},
  [Symbol.asyncIterator]: () => {
    throw new Error("not used");
  },
  reportProgress: () => {},
  files: () => Promise.resolve(infos),
  file: (name) => Promise.resolve({ ...infoOf(name), checksum_info }),
  itemFiles: () => Promise.resolve([]),
  prepare: () => Promise.resolve({ uri: input.url }),
  endpoint: () => Promise.resolve({ uri: input.url }),
  close: () => Promise.resolve(),
  [Symbol.asyncDispose]: () => Promise.resolve(),
};
const client = {
  origin: "https://vc.example.test",
  lease: () => Promise.resolve(lease),
  sessionToken: () => Promise.resolve("none"),
  item: { file: { list: () => Promise.resolve([]) } },
} as unknown as CarrelClient;

const { files } = await downloadItem(client, session.itemId, input.directory, {
  thumbprint: input.thumbprint,
  existing: "overwrite",
  concurrency: input.files,
}).report;
if (!files.every(({ verifiedBy }) => verifiedBy === "checksum")) {
  throw new Error(`Not verified: ${JSON.stringify(files.map(({ verifiedBy }) => verifiedBy))}`);
}
process.stdout.write("{}");

function infoOf(name: string): DownloadFileInfo {
  const info = infos.find((each) => each.name === name);
  if (info === undefined) throw new Error(`No such file: ${name}`);
  return info;
}
