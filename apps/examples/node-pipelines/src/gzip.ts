// A file of an item, compressed on its way to the disk.
// Usage: node src/gzip.ts LIBRARY ITEM FILE TARGET.gz
import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { openItemFile } from "@carrel/node-stream";
import { connect, findItem } from "./vcenter.ts";
import type { Vcenter } from "./vcenter.ts";

/** Returns how the file was verified. The target has its name only once the whole file was. */
export async function toGzip(
  { client, pool }: Vcenter,
  { itemId, fileName, target }: { itemId: string; fileName: string; target: string },
): Promise<string> {
  const part = `${target}.part`;
  try {
    const file = await openItemFile(client, itemId, fileName, { pool, requireVerified: true });
    await pipeline(file, createGzip(), createWriteStream(part));
    await rename(part, target);
    return file.facts?.verifiedBy ?? "nothing";
  } finally {
    await rm(part, { force: true });
  }
}

if (import.meta.main) {
  const [library = "", item = "", fileName = "", target = ""] = process.argv.slice(2);
  await using vcenter = connect();
  const itemId = await findItem(vcenter.client, library, item);
  console.log(`${target}: verified by ${await toGzip(vcenter, { itemId, fileName, target })}`);
}
