import type { ItemFileInfo } from "@carrel/core";
import { nameKey } from "@carrel/node-stream/fs";
import type { OvfDescriptor, OvfFile } from "@carrel/node-stream/ovf";

/**
 * What would make a deployment fail.
 *
 * - `missing-file`: the descriptor refers to a file that the item does not have.
 * - `unknown-file`: a disk refers to a file that the descriptor does not list; `file` is the reference.
 * - `unreadable-descriptor`: it is not an OVF descriptor.
 * - `no-descriptor`: an item of the type ovf has none.
 */
export interface DeployProblem {
  readonly problem: "missing-file" | "unknown-file" | "unreadable-descriptor" | "no-descriptor";
  readonly file?: string;
  /** The disk whose content it is. */
  readonly disk?: string;
  readonly reason?: string;
}

/** Compares what a descriptor refers to with the files that there are. Of an archive the files are not known. */
export function deployProblems(
  descriptor: OvfDescriptor,
  files: readonly ItemFileInfo[] | undefined,
): readonly DeployProblem[] {
  const byId = new Map(descriptor.files.map((file) => [file.id, file]));
  const unknown = descriptor.disks.flatMap(({ id, fileId }): readonly DeployProblem[] =>
    fileId === undefined || byId.has(fileId) ? [] : [{ problem: "unknown-file", file: fileId, disk: id }],
  );
  if (files === undefined) return unknown;
  const names = new Set(files.map(({ name }) => nameKey(name)));
  const missing = descriptor.files.flatMap((file): readonly DeployProblem[] => {
    if (isElsewhere(file) || namesOf(file).some((name) => names.has(nameKey(name)))) return [];
    const disk = descriptor.disks.find(({ fileId }) => fileId === file.id)?.id;
    return [{ problem: "missing-file", file: file.href, ...(disk !== undefined && { disk }) }];
  });
  return [...missing, ...unknown];
}

/** A URL: whether what it leads to is there cannot be seen here. */
function isElsewhere({ href }: OvfFile): boolean {
  return /^[a-z][a-z\d+.-]*:/iu.test(href);
}

/** What the file may be called: its path, or the last part of it alone; the first piece where it is in pieces. */
function namesOf({ href, chunkBytes }: OvfFile): readonly string[] {
  const plain = href.replace(/^\.\//u, "");
  const last = plain.slice(plain.lastIndexOf("/") + 1);
  const names = [plain, last, decoded(plain), decoded(last)];
  return chunkBytes === undefined ? names : [...names, ...names.map((name) => `${name}.000000000`)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
