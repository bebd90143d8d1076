/** A file that was read from a place. */
export interface PlaceFile {
  readonly text: string;
  /** When it was last changed, in milliseconds since 1970. */
  readonly modifiedAtMs: number;
}

/**
 * Where a library is published: a directory, or a prefix of an object store. Paths are relative to it, with `/` between names.
 */
export interface LibraryPlace {
  /** For messages, such as `/srv/images` or `s3://images/lab`. */
  readonly label: string;
  /** Reads a small file; `undefined` if there is none. */
  read(path: string): Promise<PlaceFile | undefined>;
  /** Writes a small file so that readers see the one before or this one, and nothing in between. */
  write(path: string, text: string): Promise<void>;
  /** Deletes a small file; does nothing if there is none. */
  delete(path: string): Promise<void>;
}
