// Transfers from vcsim, which ignores ranges and sends neither a length nor an ETag, through a relay that breaks
// connections: each resume reads the file again and compares.
import { createHash } from "node:crypto";
import { createClient, IntegrityError, passwordAuth } from "@carrel/core";
import type { CarrelClient, DownloadLease, TransferEndpoint } from "@carrel/core";
import { listDownloadSessions, seedLibrary, startVcsim } from "@carrel/vcsim";
import type { SeededFile, Vcsim } from "@carrel/vcsim";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createNodeFetch, openItemFile, openTransfer } from "../src/index.ts";
import type { NodeFetch, TransferOptions, TransferStream } from "../src/index.ts";
import { startFaultyRelay } from "./faulty-relay.ts";
import type { FaultyRelay, RelayFault } from "./faulty-relay.ts";

const sizeBytes = 8 * 1024 * 1024;
let vcsim: Vcsim;
let relay: FaultyRelay;
let fetch: NodeFetch;
let client: CarrelClient;
let lease: DownloadLease;
let file: SeededFile;
let itemId: string;

beforeAll(async () => {
  vcsim = await startVcsim();
  const spec = { library: "library", item: "item", files: [{ name: "disk.iso", sizeBytes }] };
  const seeded = await seedLibrary(vcsim, spec);
  itemId = seeded.itemId;
  [file] = seeded.files as [SeededFile];
  relay = await startFaultyRelay(Number(new URL(vcsim.url).port));
  fetch = createNodeFetch({ thumbprint: vcsim.thumbprint, proxy: false });
  const auth = passwordAuth({ username: vcsim.user, password: vcsim.password });
  client = createClient({ endpoint: vcsim.url, auth, fetch });
});

afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await fetch[Symbol.asyncDispose]();
  await relay[Symbol.asyncDispose]();
  expect(await listDownloadSessions(vcsim)).toEqual([]);
  await vcsim[Symbol.asyncDispose]();
});

beforeEach(async () => {
  lease = await client.lease(itemId);
  return () => lease[Symbol.asyncDispose]();
});

/** The same file, through the relay. */
function open(faults: readonly RelayFault[], options: TransferOptions = {}): TransferStream {
  relay.faults.push(...faults);
  const through = (url: string): string => url.replace(new URL(vcsim.url).host, `127.0.0.1:${relay.port}`);
  const source = async (): Promise<TransferEndpoint> => {
    const endpoint = await lease.prepare("disk.iso");
    return { ...endpoint, uri: through(endpoint.uri) };
  };
  return openTransfer(source, {
    proxy: false,
    thumbprint: vcsim.thumbprint,
    stallTimeoutMs: 240,
    resumeDelayMs: 1,
    session: { origin: through(vcsim.url), sessionToken: (asked) => client.sessionToken(asked) },
    expect: { sizeBytes, checksum: { algorithm: "SHA256", checksum: file.sha256 } },
    ...options,
  });
}

async function sha256(stream: TransferStream): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of stream) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

const positions = [0, 1000, 262_144, 4_194_304, sizeBytes];

test.for(["reset", "close", "stall"] as const)(
  "goes on after a %s at many positions, once and three times",
  async (kind) => {
    for (const afterBytes of positions) {
      for (const times of [1, 3]) {
        const stream = open(Array.from({ length: times }, () => ({ kind, afterBytes })));
        expect(await sha256(stream)).toBe(file.sha256);
        expect(stream.facts).toMatchObject({ verifiedBy: "checksum", sizeBytes, resumes: times });
      }
    }
  },
);

test("resumes after breaks at random positions, with several connections", async () => {
  for (let round = 0; round < 10; round += 1) {
    const faults = Array.from(
      { length: 3 },
      () => ({ kind: "reset", afterBytes: Math.floor(Math.random() * sizeBytes) }) as const,
    );
    expect(await sha256(open(faults, { connectionsPerFile: 4 }))).toBe(file.sha256);
  }
});

test("a wrong digest or length is an IntegrityError, never an end", async () => {
  const wrong = { algorithm: "SHA256", checksum: "00".repeat(32) } as const;
  await expect(sha256(open([], { expect: { checksum: wrong } }))).rejects.toBeInstanceOf(IntegrityError);
  const long = sha256(open([], { resumeLimit: 1, expect: { sizeBytes: sizeBytes + 1 } }));
  await expect(long).rejects.toBeInstanceOf(IntegrityError);
  await expect(sha256(open([], { expect: { sizeBytes: sizeBytes - 1 } }))).rejects.toBeInstanceOf(IntegrityError);
});

test("renews the API session id that vcsim refuses", async () => {
  const rejected: (string | undefined)[] = [];
  const session = {
    origin: `https://127.0.0.1:${relay.port}`,
    sessionToken: async (asked?: { readonly rejected?: string }) => {
      rejected.push(asked?.rejected);
      return asked?.rejected === undefined ? "stale" : client.sessionToken();
    },
  };
  expect(await sha256(open([], { session }))).toBe(file.sha256);
  expect(rejected).toEqual([undefined, "stale"]);
});

test("an aborted transfer leaves no connection", async () => {
  const stream = open([]);
  for await (const _ of stream) break;
  await expect.poll(() => relay.sockets.size).toBe(0);
});

test("a stream that owns its session is whole, claims nothing of what vcsim does not state, and leaves nothing", async () => {
  const stream = await openItemFile(client, itemId, "disk.iso", { proxy: false, thumbprint: vcsim.thumbprint });
  const hash = createHash("sha256");
  for await (const chunk of stream) hash.update(chunk as Buffer);
  expect(hash.digest("hex")).toBe(file.sha256);
  expect(await listDownloadSessions(vcsim)).toEqual([lease.id]);
  expect(stream.facts).toMatchObject({ sizeBytes, verifiedBy: "nothing" });
});
