// All files of an item in one tar archive.
// Usage: node src/tar.ts LIBRARY ITEM TARGET.tar
import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { openFile } from "@carrel/node-stream";
import { pack } from "tar-stream";
import type { Pack } from "tar-stream";
import { connect, findItem } from "./vcenter.ts";
import type { Vcenter } from "./vcenter.ts";

/** Returns the names of the files. The target has its name only once all of them were verified. */
export async function toTar(
  vcenter: Vcenter,
  { itemId, target }: { itemId: string; target: string },
): Promise<readonly string[]> {
  const part = `${target}.part`;
  const archive = pack();
  try {
    const [names] = await Promise.all([
      addFiles(vcenter, itemId, archive).catch((error: unknown) => {
        archive.destroy(error as Error); // also ends the writing
        throw error;
      }),
      pipeline(archive, createWriteStream(part)),
    ]);
    await rename(part, target);
    return names;
  } finally {
    await rm(part, { force: true });
  }
}

/** One download session for all files: it is kept alive until the last one is in the archive, and then deleted. */
async function addFiles({ client, pool }: Vcenter, itemId: string, archive: Pack): Promise<readonly string[]> {
  await using lease = await client.lease(itemId);
  const files = await lease.files();
  for (const { name } of files) {
    const file = await openFile(lease, name, { pool, requireVerified: true });
    const { totalBytes } = await file.opened; // a header states the length, so it has to be known before the bytes
    if (totalBytes === undefined) throw new Error(`The server does not state the length of ${name}`);
    await pipeline(file, archive.entry({ name, size: totalBytes }));
  }
  archive.finalize();
  return files.map(({ name }) => name);
}

if (import.meta.main) {
  const [library = "", item = "", target = ""] = process.argv.slice(2);
  await using vcenter = connect();
  const itemId = await findItem(vcenter.client, library, item);
  for (const name of await toTar(vcenter, { itemId, target })) console.log(`${target}: ${name}`);
}
