/** Below the prefix: what is not a file of an item. No name of such a file begins with a dot. */
const ownDirectory = ".carrel";

/** The keys of objects below a prefix. */
export class Keys {
  /** Ends in a slash, or is empty. */
  readonly prefix: string;

  readonly #uploads: string;

  /** @param uploads - What keys of files in the works begin with. */
  constructor(prefix: string, uploads?: string) {
    this.prefix = prefix === "" || prefix.endsWith("/") ? prefix : `${prefix}/`;
    this.#uploads = uploads ?? `${this.prefix}${ownDirectory}/uploads/`;
  }

  file(name: string): string {
    return this.prefix + name;
  }

  /** Of a file in the works. */
  upload(name: string): string {
    return `${this.#uploads}${encodeURIComponent(name)}.json`;
  }

  /** Of what one process does at a time with all that is below the prefix. */
  lock(name: string): string {
    return `${this.prefix}${ownDirectory}/${name}.lock.json`;
  }

  /** Of what is recorded of an item. Two vCenters may have items with one id. */
  item(origin: string, itemId: string): string {
    return `${this.prefix}${ownDirectory}/items/${encodeURIComponent(origin)}/${encodeURIComponent(itemId)}.json`;
  }
}

/** Returns the prefix that an item was downloaded to, if a key is that of its record. */
export function prefixOfItemRecord(key: string): string | undefined {
  return /^(?<prefix>(?:.*\/)?)\.carrel\/items\/[^/]+\/[^/]+\.json$/su.exec(key)?.groups?.["prefix"];
}

/** Returns the keys that the record of a file in the works may have: the file was downloaded to any prefix of its key. */
export function uploadKeysOf(fileKey: string): readonly string[] {
  const names = fileKey.split("/");
  return names
    .map((_name, index) => new Keys(names.slice(0, index).join("/")).upload(names.slice(index).join("/")))
    .toReversed();
}

/** Below the prefix of a mirror: records of uploads, by content versions of items. The same as in a directory. */
export const incomingName = ".carrel-mirror.incoming";

/** Returns what the key of the record of a file in the works ends in, behind a content version of an item of a mirror. */
function incomingPathOf(directory: string, file: string): string {
  return `/${encodeURIComponent(directory)}/${encodeURIComponent(file)}.json`;
}

/** Returns what the key of the record of a file in the works begins with and ends in, if a mirror uploads it. */
export function incomingKeysOf(fileKey: string): { readonly prefix: string; readonly end: string } | undefined {
  const {
    root = "",
    directory,
    file,
  } = /^(?<root>(?:.*\/)?)(?<directory>[^/]+)\/(?<file>[^/]+)$/su.exec(fileKey)?.groups ?? {};
  if (directory === undefined || file === undefined) return undefined;
  return { prefix: `${root}${incomingName}/`, end: incomingPathOf(directory, file) };
}
