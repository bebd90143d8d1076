import { createHash } from "node:crypto";
import { defined } from "@carrel/core/kit";
import { ManifestCheck, maxManifestBytes } from "@carrel/core/transfer";
import type { ConnectionPool } from "../tls/connection-pool.ts";
import { openTransfer } from "../transfer/open-transfer.ts";
import type { TransferOptions, TransferSession } from "../transfer/transfer-options.ts";
import type { ItemSink } from "../sink/sink.ts";
import type { ItemSource, DigestBytes } from "@carrel/core/transfer";

/** Computes the digest of bytes that are in memory. */
export const digestOf: DigestBytes = (algorithm, bytes) => createHash(algorithm).update(bytes).digest("hex");

/** Begins the check of an item's manifests, by the names of all its files. */
export function checkManifests(files: readonly string[]): ManifestCheck {
  return new ManifestCheck(files, digestOf);
}

/** Reads a manifest that was downloaded. */
export async function readManifest(manifest: ManifestCheck, name: string, sink: ItemSink): Promise<void> {
  const opened = await sink.openExisting(name);
  if (opened === undefined) return manifest.unavailable(name);
  await using file = opened;
  if (file.sizeBytes > maxManifestBytes) manifest.tooLarge(name);
  else manifest.arrived(name, await file.read(0, file.sizeBytes));
}

/** Where a manifest is fetched from, and what checks it. */
export interface ManifestFetch {
  readonly source: ItemSource;
  readonly pool: ConnectionPool;
  readonly session: TransferSession | undefined;
  readonly manifest: ManifestCheck;
  readonly options: Pick<TransferOptions, "retryForMs" | "clock">;
}

/** Fetches a manifest that is not to be downloaded, to verify files by it. It is not written to the disk. */
export async function fetchManifest(item: ManifestFetch, name: string, signal: AbortSignal): Promise<void> {
  const { manifest, pool, source, options, session } = item;
  const stream = openTransfer(
    ({ cause, signal: own }) => source.endpoint(name, { signal: own, ...defined({ cause }) }),
    {
      signal,
      pool,
      ...defined({ session, retryForMs: options.retryForMs, clock: options.clock }),
      fileName: name,
    },
  );
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
