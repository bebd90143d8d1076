import type { Digest, DigestAlgorithm } from "@carrel/node-stream";
import { createMD5, createSHA1, createSHA256, createSHA512 } from "hash-wasm";

type Hasher = Awaited<ReturnType<typeof createSHA256>>;

const hashers: Readonly<Record<DigestAlgorithm, () => Promise<Hasher>>> = {
  sha256: createSHA256,
  sha1: createSHA1,
  sha512: createSHA512,
  md5: createMD5,
};

/** The states of digests after some bytes, base64, from which another process can continue. */
export type DigestStates = Readonly<Partial<Record<DigestAlgorithm, string>>>;

/**
 * Digests of a file that is sent away as it arrives. Their state can be saved, and loaded by another process, because bytes of
 * an upload cannot be read back; OpenSSL's, which is faster, cannot.
 */
export class RunningDigests {
  readonly #hashers: ReadonlyMap<DigestAlgorithm, Hasher>;

  private constructor(all: ReadonlyMap<DigestAlgorithm, Hasher>) {
    this.#hashers = all;
  }

  static async open(algorithms: readonly DigestAlgorithm[]): Promise<RunningDigests> {
    const all = new Map<DigestAlgorithm, Hasher>();
    for (const algorithm of algorithms) all.set(algorithm, (await hashers[algorithm]()).init());
    return new RunningDigests(all);
  }

  /** Continues from saved states. `undefined` if one of the algorithms was not saved, or not by this version. */
  static async load(algorithms: readonly DigestAlgorithm[], states: DigestStates): Promise<RunningDigests | undefined> {
    const digests = await RunningDigests.open(algorithms);
    for (const [algorithm, hasher] of digests.#hashers) {
      const state = states[algorithm];
      if (state === undefined) return undefined;
      try {
        hasher.load(Buffer.from(state, "base64"));
      } catch {
        return undefined;
      }
    }
    return digests;
  }

  update(bytes: Uint8Array): void {
    for (const hasher of this.#hashers.values()) hasher.update(bytes);
  }

  save(): DigestStates {
    const entries = [...this.#hashers].map(([algorithm, hasher]) => [
      algorithm,
      Buffer.from(hasher.save()).toString("base64"),
    ]);
    return Object.fromEntries(entries) as DigestStates;
  }

  /** Returns a digest of all bytes so far; `undefined` if it was not computed. */
  digest(algorithm: DigestAlgorithm): Digest | undefined {
    const hasher = this.#hashers.get(algorithm);
    if (hasher === undefined) return undefined;
    const state = hasher.save();
    const hex = hasher.digest("hex");
    hasher.load(state);
    return { algorithm, hex };
  }
}
