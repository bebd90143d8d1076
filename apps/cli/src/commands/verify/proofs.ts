import { readFile } from "node:fs/promises";
import { join, posix } from "node:path";
import { readMirrorRecord } from "@carrel/mirror";
import type { VerifiedBy } from "@carrel/core";
import type { Digest } from "@carrel/node-stream";
import {
  directoryRecordName,
  isManifest,
  maxManifestBytes,
  onDisk,
  PackageCheck,
  parseManifest,
  quote,
  readSavedItems,
} from "@carrel/node-stream/fs";
import type { LocalTree } from "./local-tree.ts";

/** What is known of a file, and from where. */
export interface FileProof {
  readonly by: "record" | "mirror" | "checksums" | "manifest" | "server";
  /** The file that says so, relative to the directory that is verified. */
  readonly source: string;
  readonly digest: Digest;
  readonly sizeBytes?: number;
  /** How the file was verified when it was recorded, and when. */
  readonly verifiedBy?: VerifiedBy;
  readonly verifiedAt?: string;
}

/** An item of a record. */
export interface KnownItem {
  readonly id: string;
  readonly name?: string;
  /** Absent in the record of a mirror, which does not name its vCenter. */
  readonly server?: string;
  readonly files: readonly { readonly name: string; readonly path: string; readonly contentVersion: string }[];
}

/** What is known of the files below a directory. */
export interface Proofs {
  /** By path. A path without a file is missing. */
  readonly byPath: ReadonlyMap<string, readonly FileProof[]>;
  /** Files that a manifest names, and whose digests it does not state in a way that can be used. */
  readonly missing: readonly string[];
  readonly items: readonly KnownItem[];
  /** The files of digests and the manifests. */
  readonly sources: ReadonlySet<string>;
  readonly warnings: readonly string[];
}

const checksumFile =
  /^(?:(?:md5|sha1|sha256|sha512|check)sums?(?:\.txt)?|.+\.(?:md5|sha1|sha256|sha512)(?:sums?)?(?:\.txt)?)$/iu;

/**
 * Collects what is known of files. Whatever records and lists say, only files that were found below the directory are opened:
 * a name that leads elsewhere is not followed.
 */
export async function collectProofs(root: string, { files, directories }: LocalTree): Promise<Proofs> {
  const byPath = new Map<string, FileProof[]>();
  const missing: string[] = [];
  const items: KnownItem[] = [];
  const sources = new Set<string>();
  const warnings: string[] = [];
  const add = (path: string, proof: FileProof): void => {
    byPath.set(path, [...(byPath.get(path) ?? []), proof]);
  };
  for (const directory of directories) {
    const source = posix.join(directory, directoryRecordName);
    for (const item of await readSavedItems(join(root, directory))) {
      const within = item.files.map((file) => ({ ...file, path: posix.join(directory, file.name) }));
      items.push({ ...item, files: within });
      for (const { name, sizeBytes, digest, verifiedBy, verifiedAt } of item.files) {
        add(posix.join(directory, name), { by: "record", source, digest, sizeBytes, verifiedBy, verifiedAt });
      }
    }
    const mirror = await readMirrorRecord(join(root, directory));
    const mirrorSource = posix.join(directory, ".carrel-mirror.json");
    for (const spare of mirror?.items.flatMap(({ spares = [] }) => spares) ?? []) {
      for (const { name, sizeBytes, digest, verifiedBy } of spare.files) {
        const path = posix.join(directory, spare.directory, name);
        // A run that was killed may have left some of them only.
        if (files.has(path)) add(path, { by: "mirror", source: mirrorSource, digest, sizeBytes, verifiedBy });
      }
    }
    for (const { id, name: itemName, directory: own, contentVersion, files: recorded } of mirror?.items ?? []) {
      // Files of an item that was being replaced may be of either version.
      if (contentVersion === null) continue;
      const pathOf = (name: string): string => posix.join(directory, own, name);
      const present = recorded.filter(({ gone }) => !gone);
      const within = present.map(({ name }) => ({ name, path: pathOf(name), contentVersion }));
      items.push({ id, name: itemName, files: within });
      for (const { name, sizeBytes, digest, verifiedBy } of recorded) {
        add(pathOf(name), { by: "mirror", source: mirrorSource, digest, sizeBytes, verifiedBy });
      }
    }
  }
  for (const { path, sizeBytes } of files.values()) {
    const name = posix.basename(path);
    if (!isManifest(name) && !checksumFile.test(name)) continue;
    if (sizeBytes > maxManifestBytes) {
      warnings.push(`${quote(path)} is too large to be a list of digests: not used`);
      continue;
    }
    sources.add(path);
    const bytes = await onDisk("read", join(root, path), () => readFile(join(root, path)));
    const { lines, notes, ...rest } = parseManifest(name, bytes);
    const directory = posix.dirname(path);
    if (notes.length > 0) warnings.push(`${quote(path)} has ${notes.length} lines that state no digest`);
    if (!isManifest(name)) {
      for (const { named, digest } of lines) {
        const target = posix.join(directory, named);
        if (target.startsWith("../") || posix.isAbsolute(named)) {
          warnings.push(`${quote(path)} names ${quote(named)}, which is outside of the directory: not verified`);
        } else add(target, { by: "checksums", source: path, digest });
      }
      continue;
    }
    const beside = [...files.keys()].filter((other) => posix.dirname(other) === directory);
    const check = new PackageCheck(
      [{ lines, notes, ...rest }],
      beside.map((other) => posix.basename(other)),
    );
    for (const { digest, files: claimed } of check.claims) {
      const [first] = claimed;
      // The pieces of a file have a digest together, which says nothing of one of them.
      if (first !== undefined && claimed.length === 1) {
        add(posix.join(directory, first), { by: "manifest", source: path, digest });
      }
    }
    missing.push(...check.missing().map(({ named = "" }) => posix.join(directory, named)));
  }
  return { byPath, missing, items, sources, warnings };
}
