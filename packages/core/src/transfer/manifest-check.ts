import type { ManifestReport, PackageNote } from "../download/package-report.ts";
import type { DigestAlgorithm } from "./checksum.ts";
import { isManifest, parseManifest, unusable } from "./manifest.ts";
import type { Manifest } from "./manifest.ts";
import { PackageCheck } from "./package-check.ts";
import type { Claim } from "./package-check.ts";

/**
 * Returns the digest of some bytes, as the platform computes it: hexadecimal, lower case.
 *
 * @private Does not follow semantic versioning.
 */
export type DigestBytes = (algorithm: DigestAlgorithm, bytes: Uint8Array) => string;

/**
 * The manifests of an OVF package, which verify something as soon as all of them are here.
 *
 * @private Does not follow semantic versioning.
 */
export class ManifestCheck {
  /** Names of the manifests. Most items have one, or none. */
  readonly names: readonly string[];
  readonly #arrived = new Map<string, Manifest>();
  readonly #bytes = new Map<string, Uint8Array>();
  readonly #files: readonly string[];
  readonly #check = Promise.withResolvers<PackageCheck>();
  #isKnown = false;
  readonly #digestOf: DigestBytes;

  /** `files` are the names of all files of the item. */
  constructor(files: readonly string[], digestOf: DigestBytes) {
    this.#digestOf = digestOf;
    this.names = files.filter(isManifest);
    this.#files = files;
    this.#check.promise.catch(() => {});
    this.#resolve();
  }

  /** Adds a manifest that arrived. */
  arrived(name: string, bytes: Uint8Array): void {
    this.#bytes.set(name, bytes);
    this.#arrived.set(name, parseManifest(name, bytes));
    this.#resolve();
  }

  /** Notes that a manifest arrived that is too large to be read. */
  tooLarge(name: string): void {
    this.#arrived.set(name, unusable(name, "too-large"));
    this.#resolve();
  }

  /** Notes that a manifest could not be fetched: it verifies nothing. */
  unavailable(name: string): void {
    this.#arrived.set(name, unusable(name, "unavailable"));
    this.#resolve();
  }

  /** Rejects all that wait for the manifests. */
  failed(error: unknown): void {
    this.#check.reject(error);
  }

  /** Whether what the manifests state of a file is known, so that nothing has to be waited for. */
  isKnownFor(file: string): boolean {
    return this.#isKnown || isManifest(file);
  }

  /** Waits for the manifests. */
  async known(): Promise<void> {
    await this.#check.promise;
  }

  /** Waits for the manifests, and returns what they state of a file. Manifests themselves do not wait for each other. */
  async claimsOf(file: string): Promise<readonly Claim[]> {
    return isManifest(file) ? [] : (await this.#check.promise).claimsOf(file);
  }

  /** Notes that a file does not have the digest that a claim states. */
  async contradicted(claim: Claim): Promise<void> {
    (await this.#check.promise).refute(claim, "contradicted");
  }

  /** Waits for the manifests, and returns why they do not verify a file that they should have verified. */
  async doubtsOf(file: string): Promise<readonly PackageNote[]> {
    return isManifest(file) ? [] : (await this.#check.promise).doubtsOf(file);
  }

  /** Returns notes on files that the manifests name and the item does not have. */
  async missing(): Promise<readonly PackageNote[]> {
    return (await this.#check.promise).missing();
  }

  /** Reports on each manifest, after all files were compared. */
  async reports(downloaded: ReadonlySet<string>): Promise<readonly ManifestReport[]> {
    return (await this.#check.promise).reports(downloaded);
  }

  #resolve(): void {
    const manifests = this.names.flatMap((name) => this.#arrived.get(name) ?? []);
    if (manifests.length < this.names.length) return;
    const check = new PackageCheck(manifests, this.#files);
    for (const claim of check.claims) {
      // A file gets its name when it is whole, not when all pieces that a line describes together are.
      if (claim.files.length > 1) check.refute(claim, "in-pieces");
      else if (!this.#isTrue(claim)) check.refute(claim, "contradicted");
    }
    this.#bytes.clear();
    this.#isKnown = true;
    this.#check.resolve(check);
  }

  /** Compares a manifest that another one names. Other files are not known yet, and pass. */
  #isTrue({ files: [file = ""], digest }: Claim): boolean {
    const bytes = this.#bytes.get(file);
    return bytes === undefined || this.#digestOf(digest.algorithm, bytes) === digest.hex;
  }
}
