import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { directoryNameFor, readMirrorRecord } from "@carrel/mirror";
import type { Digest } from "@carrel/node-stream";
import { onDisk, readChecksum, statOf } from "@carrel/node-stream/fs";
import { collect } from "../../concurrently.ts";
import type { CatalogClient } from "../../names/catalog-client.ts";
import { readItems } from "../../names/existing.ts";
import { resolveLibrary } from "../../names/resolve-name.ts";

/** A file on one side of a comparison. */
export interface SideFile {
  readonly sizeBytes: number | undefined;
  readonly digest: Digest | undefined;
  /** Its content version on the server that it is of. */
  readonly version: string | undefined;
  /** Why it is not what it was when it arrived. */
  readonly isModified?: boolean;
  /** Computes its digest; only of a file on the disk. */
  readonly read?: (algorithm: Digest["algorithm"]) => Promise<Digest>;
}

/** Items by the names of their directories, and their files by name. */
export type Side = ReadonlyMap<string, ReadonlyMap<string, SideFile>>;

/** Reads a library: one call for the list, and two for each item. VM templates have no files. */
export async function librarySide(client: CatalogClient, wanted: string, signal: AbortSignal): Promise<Side> {
  const library = await resolveLibrary(client, wanted, signal);
  const ids = await client.item.list({ library_id: library.id }, { signal });
  const items = await collect(readItems(client, ids, { signal, files: true }));
  return new Map(
    items
      .filter(({ item }) => item.type !== "vm-template")
      .map(({ item: { id, name = id, content_version: version }, files }) => [
        directoryNameFor({ id, name }),
        new Map(
          files.map(({ name: file, size, checksum_info }) => [
            file,
            { sizeBytes: size, digest: readChecksum(checksum_info), version },
          ]),
        ),
      ]),
  );
}

/** Reads a directory: the names and sizes of files, and what a mirror recorded of them. */
export async function directorySide(root: string, signal: AbortSignal): Promise<Side> {
  const record = await readMirrorRecord(root);
  const { items = [] } = record ?? {};
  const isPublished = record?.isPublished ?? (await statOf(join(root, "lib.json"))) !== undefined;
  const recorded = new Map(items.map((item) => [item.directory, item]));
  // Of earlier versions, which subscribers may still be reading.
  const spares = new Set(items.flatMap((item) => item.spares ?? []).map((spare) => spare.directory));
  const side = new Map<string, ReadonlyMap<string, SideFile>>();
  for (const directory of await namesIn(root, (entry) => entry.isDirectory())) {
    signal.throwIfAborted();
    if (spares.has(directory)) continue;
    const item = recorded.get(directory);
    const files = new Map<string, SideFile>();
    for (const name of await namesIn(join(root, directory), (entry) => entry.isFile())) {
      const path = join(root, directory, name);
      if (isPublished && name === "item.json" && !item?.files.some((file) => file.name === name)) continue;
      const sizeBytes = (await statOf(path))?.sizeBytes;
      const known = item?.files.find((file) => file.name === name);
      files.set(name, {
        sizeBytes,
        digest: known?.digest,
        version: known?.gone ? undefined : (item?.contentVersion ?? undefined),
        isModified: known !== undefined && known.sizeBytes !== sizeBytes,
        read: (algorithm) => digestOf(path, algorithm, signal),
      });
    }
    // A mirror that is published may have a version in a directory of another name.
    const key = item !== undefined && isPublished ? directoryNameFor(item) : directory;
    if (item !== undefined || files.size > 0) side.set(key, files);
  }
  return side;
}

async function namesIn(
  directory: string,
  is: (entry: { isDirectory(): boolean; isFile(): boolean }) => boolean,
): Promise<readonly string[]> {
  const entries = await onDisk("read", directory, () => readdir(directory, { withFileTypes: true }));
  return entries.filter((entry) => is(entry) && !entry.name.startsWith(".")).map(({ name }) => name);
}

function digestOf(path: string, algorithm: Digest["algorithm"], signal: AbortSignal): Promise<Digest> {
  return onDisk("read", path, async () => {
    const hash = createHash(algorithm);
    for await (const chunk of createReadStream(path, { signal })) hash.update(chunk as Buffer);
    return { algorithm, hex: hash.digest("hex") };
  });
}
