import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { onDisk } from "../files/fs-error.ts";
import type { FilePaths } from "./file-paths.ts";

/** The names that were in a directory at one moment. */
export class DirectoryListing {
  readonly #directory: string;
  /** Without case and composition, so that a name is found that the file system takes for the same. */
  readonly #folded: ReadonlySet<string>;
  /** Those with a token: few, also in a directory of many files. */
  readonly #withToken: readonly string[];

  private constructor(directory: string, names: readonly string[]) {
    this.#directory = directory;
    this.#folded = new Set(names.map(fold));
    this.#withToken = names.filter((name) => /\.[0-9a-f]{8}\.(?:part|tmp)$/u.test(name));
  }

  static async read(directory: string): Promise<DirectoryListing> {
    return new DirectoryListing(directory, await onDisk("read", directory, () => readdir(directory)));
  }

  /** Returns whether something may have had the path, which is in the directory. */
  mayHave(path: string): boolean {
    return this.#folded.has(fold(basename(path)));
  }

  /** Lists the files of a file with a token in their names: what runs left that were killed while they wrote to it. */
  leftoversOf({ final }: FilePaths): readonly string[] {
    const prefix = `${basename(final)}.`;
    return this.#withToken
      .filter((name) => name.startsWith(prefix) && /^[0-9a-f]{8}\.(?:part|tmp)$/u.test(name.slice(prefix.length)))
      .map((name) => join(this.#directory, name));
  }
}

function fold(name: string): string {
  return name.normalize("NFC").toUpperCase().toLowerCase();
}

/**
 * Lists a directory once for all names that were claimed before: to list it for each would cost the square of their number. What
 * was killed left its files before its name was claimed, so a listing that began after the claim has them all.
 */
export class SharedListing {
  readonly #directory: string;
  #claims = 0;
  #latest: { readonly claims: number; readonly listing: Promise<DirectoryListing> } | undefined;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Notes that a name was claimed. Returns its number, for {@link since}. */
  claimed(): number {
    return ++this.#claims;
  }

  /** Returns a listing that began after the claim with this number; with 0, any. */
  async since(claim: number): Promise<DirectoryListing> {
    if (this.#latest === undefined || this.#latest.claims < claim) {
      const latest = { claims: this.#claims, listing: DirectoryListing.read(this.#directory) };
      this.#latest = latest;
      // The next caller may succeed.
      latest.listing.catch(() => this.#latest === latest && (this.#latest = undefined));
    }
    return this.#latest.listing;
  }
}
