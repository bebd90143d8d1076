import type { Digest } from "../files/digest-algorithm.ts";
import { parseManifest } from "../ovf/manifest.ts";
import type { Manifest } from "../ovf/manifest.ts";
import type { FileReport, ManifestReport } from "./report.ts";

/** Manifests are a line for each file; anything larger is none. */
export const maxManifestBytes: number = 4 * 1024 * 1024;

/** The manifest of an OVF package, which is there as soon as its own file is. */
export class ManifestCheck {
  /** Name of the manifest; `undefined` where the item has none. */
  readonly name: string | undefined;
  readonly #read = Promise.withResolvers<Manifest | undefined>();

  constructor(name: string | undefined) {
    this.name = name;
    this.#read.promise.catch(() => {});
    if (name === undefined) this.#read.resolve(undefined);
  }

  /** The manifest's text came. */
  arrived(text: string): void {
    this.#read.resolve(parseManifest(text));
  }

  /** It will not come. */
  failed(error: unknown): void {
    this.#read.reject(error);
  }

  /** What the manifest says of a file; waits for it. Nothing is said of the manifest itself. */
  async digestFor(file: string): Promise<Digest | undefined> {
    if (file === this.name) return undefined;
    return (await this.#read.promise)?.digests.get(file);
  }

  /** Sums up after all files were checked. */
  async report(files: readonly FileReport[]): Promise<ManifestReport | undefined> {
    const manifest = await this.#read.promise;
    if (manifest === undefined || this.name === undefined) return undefined;
    const downloaded = new Set(files.map(({ name }) => name));
    const named = [...manifest.digests.keys()];
    return {
      name: this.name,
      matched: named.filter((name) => downloaded.has(name)),
      notDownloaded: named.filter((name) => !downloaded.has(name)),
      unreadLines: manifest.unreadLines,
    };
  }
}
