import { createHash } from "node:crypto";
import type { ManifestReport, PackageNote } from "@carrel/core";
import { isManifest, parseManifest, unusable } from "../ovf/manifest.ts";
import type { Manifest } from "../ovf/manifest.ts";
import { PackageCheck } from "../ovf/package-check.ts";
import type { Claim } from "../ovf/package-check.ts";

/** The manifests of an OVF package, which say something as soon as all of them are there. */
export class ManifestCheck {
  /** Names of the manifests; most items have one, or none. */
  readonly names: readonly string[];
  readonly #arrived = new Map<string, Manifest>();
  readonly #bytes = new Map<string, Uint8Array>();
  readonly #files: readonly string[];
  readonly #check = Promise.withResolvers<PackageCheck>();

  /** `files` are the names of all files of the item. */
  constructor(files: readonly string[]) {
    this.names = files.filter(isManifest);
    this.#files = files;
    this.#check.promise.catch(() => {});
    this.#resolve();
  }

  /** A manifest is there. */
  arrived(name: string, bytes: Uint8Array): void {
    this.#bytes.set(name, bytes);
    this.#arrived.set(name, parseManifest(name, bytes));
    this.#resolve();
  }

  /** A manifest is there, and too large to be read. */
  tooLarge(name: string): void {
    this.#arrived.set(name, unusable(name, "too-large"));
    this.#resolve();
  }

  /** A manifest could not be fetched. */
  unavailable(name: string): void {
    this.#arrived.set(name, unusable(name, "unavailable"));
    this.#resolve();
  }

  /** Nothing will come. */
  failed(error: unknown): void {
    this.#check.reject(error);
  }

  /** What the manifests state of a file; waits for them. Of a manifest they state nothing in time. */
  async claimsOf(file: string): Promise<readonly Claim[]> {
    return isManifest(file) ? [] : (await this.#check.promise).claimsOf(file);
  }

  /** Notes that a file does not have the digest that is stated. */
  async contradicted(claim: Claim): Promise<void> {
    (await this.#check.promise).refute(claim, "contradicted");
  }

  /** Why the manifests, which should have proved a file, do not; waits for them. */
  async doubtsOf(file: string): Promise<readonly PackageNote[]> {
    return isManifest(file) ? [] : (await this.#check.promise).doubtsOf(file);
  }

  /** Notes of files that the manifests name and the item does not have. */
  async missing(): Promise<readonly PackageNote[]> {
    return (await this.#check.promise).missing();
  }

  /** Sums up after all files were compared. */
  async reports(downloaded: ReadonlySet<string>): Promise<readonly ManifestReport[]> {
    return (await this.#check.promise).reports(downloaded);
  }

  #resolve(): void {
    const manifests = this.names.flatMap((name) => this.#arrived.get(name) ?? []);
    if (manifests.length < this.names.length) return;
    const check = new PackageCheck(manifests, this.#files);
    for (const claim of check.claims) {
      // Files get their names one by one, not when all pieces of one are there.
      if (claim.files.length > 1) check.refute(claim, "in-pieces");
      else if (!this.#isTrue(claim)) check.refute(claim, "contradicted");
    }
    this.#bytes.clear();
    this.#check.resolve(check);
  }

  /** Compares a manifest that another one names; of other files nothing is known yet. */
  #isTrue({ files: [file = ""], digest }: Claim): boolean {
    const bytes = this.#bytes.get(file);
    return bytes === undefined || createHash(digest.algorithm).update(bytes).digest("hex") === digest.hex;
  }
}
