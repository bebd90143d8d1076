import { open } from "node:fs/promises";
import { maxManifestBytes } from "../ovf/manifest.ts";
import { openTransfer } from "../transfer/open-transfer.ts";
import type { ConnectionPool } from "../tls/connection-pool.ts";
import type { TransferSession } from "../transfer/transfer-options.ts";
import type { ItemSource } from "./item-source.ts";
import type { ManifestCheck } from "./manifest-check.ts";

/** Reads a manifest from the folder, once it was downloaded there. */
export async function readManifest(manifest: ManifestCheck, name: string, path: string): Promise<void> {
  await using file = await open(path);
  const { size } = await file.stat();
  if (size > maxManifestBytes) manifest.tooLarge(name);
  else manifest.arrived(name, await file.readFile());
}

/** Where a manifest comes from and goes to. */
export interface ManifestFetch {
  readonly source: ItemSource;
  readonly pool: ConnectionPool;
  readonly client: TransferSession | undefined;
  readonly manifest: ManifestCheck;
}

/** Fetches a manifest that was not asked for as a file, to check by it those that were. It is not written anywhere. */
export async function fetchManifest(item: ManifestFetch, name: string, signal: AbortSignal): Promise<void> {
  const { client, manifest, pool, source } = item;
  const stream = openTransfer((request) => source.endpoint(name, { signal: request.signal }), {
    signal,
    pool,
    ...(client !== undefined && { session: client }),
    fileName: name,
  });
  const blocks: Uint8Array[] = [];
  let bytes = 0;
  // Leaving the loop closes the stream.
  for await (const block of stream as AsyncIterable<Uint8Array>) {
    bytes += block.length;
    if (bytes > maxManifestBytes) return manifest.tooLarge(name);
    blocks.push(block);
  }
  manifest.arrived(name, Buffer.concat(blocks));
}
