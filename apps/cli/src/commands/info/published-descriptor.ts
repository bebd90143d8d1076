import type { ItemFileInfo } from "@carrel/core";
import { ovaStartBytes } from "@carrel/node-stream/ovf";
import { openFileFrom, openRandomAccessFrom } from "@carrel/node-stream/source";
import { remoteItem } from "../../connection/item-server.ts";
import type { PublishedConnection } from "../../connection/published-library.ts";
import type { Run } from "../../run/run-command.ts";
import { findDescriptor, readWhole } from "./descriptor-file.ts";
import type { DescriptorFile } from "./descriptor-file.ts";

/**
 * Reads the descriptor of an item of a published library, or the beginning of its archive. Costs one transfer, and one request for
 * `lib.json`, which says whether the item has changed meanwhile.
 *
 * @throws {@link CliError} exit code 1: it is too long, or not at the beginning of the archive.
 */
export async function readPublishedDescriptor(
  server: PublishedConnection,
  itemId: string,
  { name }: ItemFileInfo,
  { signal }: Run,
): Promise<DescriptorFile> {
  const { pool } = server;
  const item = remoteItem(server, itemId);
  if (!/\.ova$/iu.test(name)) return await readWhole(name, await openFileFrom(item, name, { pool, signal }));
  await using bytes = await openRandomAccessFrom(item, name, { pool, signal });
  return await findDescriptor(name, await bytes.read(0, Math.min(ovaStartBytes, bytes.sizeBytes)));
}
