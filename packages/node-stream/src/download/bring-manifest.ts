import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { TransferError } from "@carrel/core";
import { quote } from "../files/names.ts";
import { openTransfer } from "../transfer/open-transfer.ts";
import type { ItemState } from "./item-state.ts";
import { maxManifestBytes } from "./manifest-check.ts";
import type { ManifestCheck } from "./manifest-check.ts";

/** Reads the manifest from the folder, once it was downloaded there. */
export async function readManifest(manifest: ManifestCheck, path: string): Promise<void> {
  manifest.arrived(await readFile(path, "utf8"));
}

/** Fetches a manifest that was not asked for as a file, to check by it those that were. It is not written anywhere. */
export async function fetchManifest(item: ItemState, name: string, signal: AbortSignal): Promise<void> {
  const { client, manifest, pool, source } = item;
  const stream = openTransfer((request) => source.endpoint(name, { signal: request.signal }), {
    signal,
    pool,
    session: client,
    fileName: name,
  });
  let bytes = 0;
  stream.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > maxManifestBytes)
      stream.destroy(
        new TransferError(`${quote(name)} is too large for a manifest.`, { problem: "endpoint", retryable: false }),
      );
  });
  manifest.arrived(await text(stream));
}
