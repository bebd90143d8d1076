import { ServerError } from "@carrel/core";
import type { CarrelClient } from "@carrel/core";
import { readChecksum } from "@carrel/node-stream/fs";
import type { FileProof, KnownItem } from "./proofs.ts";

/** How a recorded item compares with the server's. */
export interface ServerItem {
  readonly type: "item";
  readonly itemId: string;
  readonly item?: string;
  /** `other-server`: the record is of another vCenter, so it was not compared. */
  readonly state: "current" | "newer" | "gone" | "other-server";
}

/** What the server says of a recorded item, and what it states of the item's files by their paths. */
export interface ServerVerdict {
  readonly state: ServerItem;
  readonly proofs: ReadonlyMap<string, FileProof>;
}

/** Asks for the content version and the checksums of a recorded item. Costs two requests. */
export async function askAbout(client: CarrelClient, item: KnownItem, signal: AbortSignal): Promise<ServerVerdict> {
  const { id, name, server, files } = item;
  const named = { type: "item", itemId: id, ...(name !== undefined && { item: name }) } as const;
  const proofs = new Map<string, FileProof>();
  if (server !== undefined && server !== client.origin) return { state: { ...named, state: "other-server" }, proofs };
  try {
    const { content_version: version } = await client.item.get(id, { signal });
    const isCurrent = files.every(({ contentVersion }) => contentVersion === version);
    for (const { name: file, checksum_info } of await client.item.file.list(id, { signal })) {
      const digest = readChecksum(checksum_info);
      const recorded = files.find((each) => each.name === file && each.contentVersion === version);
      if (digest === undefined || recorded === undefined) continue;
      proofs.set(recorded.path, { by: "server", source: client.origin, digest });
    }
    return { state: { ...named, state: isCurrent ? "current" : "newer" }, proofs };
  } catch (error) {
    if (error instanceof ServerError && error.code === "NOT_FOUND")
      return { state: { ...named, state: "gone" }, proofs };
    throw error;
  }
}
