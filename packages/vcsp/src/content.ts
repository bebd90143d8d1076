import type { Digest, DigestAlgorithm } from "@carrel/node-stream";

/** A file that is to be published. It is in its place already. */
export interface ContentFile {
  readonly name: string;
  /** Where it is, relative to the library. A file that changes should get another path: subscribers may still be reading it. */
  readonly path: string;
  readonly sizeBytes: number;
  /** When it was last changed, in milliseconds since 1970. */
  readonly modifiedAtMs: number;
  /** Its digest, where it is known: then the file is not read. */
  readonly digest?: Digest;
  /** Computes a digest of the file. Called only where none is known. */
  digestOf(algorithm: DigestAlgorithm): Promise<string>;
}

/** An item that is to be published. */
export interface ContentItem {
  /**
   * The vCenter's own id of the item, a UUID.
   * @defaultValue the one it was published with; for a new item a random one
   */
  readonly id?: string;
  readonly name: string;
  /** @defaultValue the one it was published with; for a new item "" */
  readonly description?: string;
  /** @defaultValue when it was first published */
  readonly createdAt?: Date;
  /** Its directory, relative to the library: where `item.json` is written. No two items share one. */
  readonly directory: string;
  readonly files: readonly ContentFile[];
  /**
   * Whether the OVF is a vApp, for items that have one. Called where the item is new or changed.
   * @defaultValue no
   */
  isVapp?(): Promise<boolean>;
}

/** The type of an item by the names of its files, as subscribers know it. */
export function typeOf(files: readonly { readonly name: string }[]): string {
  const has = (extension: RegExp): boolean => files.some(({ name }) => extension.test(name));
  if (has(/\.ovf$/iu)) return "vcsp.ovf";
  return files.length > 0 && files.every(({ name }) => /\.iso$/iu.test(name)) ? "vcsp.iso" : "vcsp.other";
}
