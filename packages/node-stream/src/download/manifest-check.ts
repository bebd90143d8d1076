import { createHash } from "node:crypto";
import type { ManifestReport, PackageNote } from "@carrel/core";
import { defined } from "@carrel/core/kit";
import { maxManifestBytes, isManifest, parseManifest, unusable } from "../ovf/manifest.ts";
import type { Manifest } from "../ovf/manifest.ts";
import { PackageCheck } from "../ovf/package-check.ts";
import type { Claim } from "../ovf/package-check.ts";
import type { ConnectionPool } from "../tls/connection-pool.ts";
import { openTransfer } from "../transfer/open-transfer.ts";
import type { TransferOptions, TransferSession } from "../transfer/transfer-options.ts";
import type { ItemSink } from "../sink/sink.ts";
import type { ItemSource } from "./item-source.ts";

/** The manifests of an OVF package, which verify something as soon as all of them are here. */
export class ManifestCheck {
  /** Names of the manifests. Most items have one, or none. */
  readonly names: readonly string[];
  readonly #arrived = new Map<string, Manifest>();
  readonly #bytes = new Map<string, Uint8Array>();
  readonly #files: readonly string[];
  readonly #check = Promise.withResolvers<PackageCheck>();
  #isKnown = false;

  /** `files` are the names of all files of the item. */
  constructor(files: readonly string[]) {
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
    return bytes === undefined || createHash(digest.algorithm).update(bytes).digest("hex") === digest.hex;
  }
}

/** Reads a manifest that was downloaded. */
export async function readManifest(manifest: ManifestCheck, name: string, sink: ItemSink): Promise<void> {
  const opened = await sink.openExisting(name);
  if (opened === undefined) return manifest.unavailable(name);
  await using file = opened;
  if (file.sizeBytes > maxManifestBytes) manifest.tooLarge(name);
  else manifest.arrived(name, await file.read(0, file.sizeBytes));
}

/** Where a manifest is fetched from, and what checks it. */
export interface ManifestFetch {
  readonly source: ItemSource;
  readonly pool: ConnectionPool;
  readonly session: TransferSession | undefined;
  readonly manifest: ManifestCheck;
  readonly options: Pick<TransferOptions, "retryForMs" | "clock">;
}

/** Fetches a manifest that is not to be downloaded, to verify files by it. It is not written to the disk. */
export async function fetchManifest(item: ManifestFetch, name: string, signal: AbortSignal): Promise<void> {
  const { manifest, pool, source, options, session } = item;
  const stream = openTransfer(
    ({ cause, signal: own }) => source.endpoint(name, { signal: own, ...defined({ cause }) }),
    {
      signal,
      pool,
      ...defined({ session, retryForMs: options.retryForMs, clock: options.clock }),
      fileName: name,
    },
  );
  const blocks: Uint8Array[] = [];
  let bytes = 0;
  // Leaving the loop closes the stream.
  for await (const block of stream as AsyncIterable<Uint8Array>) {
    bytes += block.length;
    if (bytes > maxManifestBytes) return manifest.tooLarge(name);
    blocks.push(block);
  }
  manifest.arrived(name, Buffer.concat(blocks));
}
