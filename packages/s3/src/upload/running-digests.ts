import { createHash } from "node:crypto";
import type { Hash } from "node:crypto";
import type { Digest, DigestAlgorithm } from "@carrel/node-stream";
import { createMD5, createSHA1, createSHA256, createSHA512 } from "hash-wasm";

type Hasher = Awaited<ReturnType<typeof createSHA256>>;

const hashers: Readonly<Record<DigestAlgorithm, () => Promise<Hasher>>> = {
  sha256: createSHA256,
  sha1: createSHA1,
  sha512: createSHA512,
  md5: createMD5,
};

/** What servers and manifests state. The likeliest digest of a file is saved in any case. */
const usual: ReadonlySet<DigestAlgorithm> = new Set<DigestAlgorithm>(["sha256", "sha1"]);

/** The states of digests after some bytes, base64, from which another process can continue. */
export type DigestStates = Readonly<Partial<Record<DigestAlgorithm, string>>>;

/**
 * Digests of a file that is sent away as it arrives. The state of the usual ones can be saved, and loaded by another process,
 * because bytes of an upload cannot be read back. The others are OpenSSL's, which is faster, and known only to the run that began.
 */
export class RunningDigests {
  readonly #saved: ReadonlyMap<DigestAlgorithm, Hasher>;
  readonly #others: ReadonlyMap<DigestAlgorithm, Hash>;

  private constructor(saved: ReadonlyMap<DigestAlgorithm, Hasher>, others: ReadonlyMap<DigestAlgorithm, Hash>) {
    this.#saved = saved;
    this.#others = others;
  }

  /** Begins. The likeliest algorithm comes first. */
  static async open(algorithms: readonly DigestAlgorithm[]): Promise<RunningDigests> {
    const saved = new Map<DigestAlgorithm, Hasher>();
    const others = new Map<DigestAlgorithm, Hash>();
    for (const algorithm of algorithms) {
      if (algorithm === algorithms[0] || usual.has(algorithm))
        saved.set(algorithm, (await hashers[algorithm]()).init());
      else others.set(algorithm, createHash(algorithm));
    }
    return new RunningDigests(saved, others);
  }

  /** Continues from saved states. `undefined` if one that is saved was not, or not by this version. */
  static async load(algorithms: readonly DigestAlgorithm[], states: DigestStates): Promise<RunningDigests | undefined> {
    const begun = await RunningDigests.open(algorithms);
    for (const [algorithm, hasher] of begun.#saved) {
      const state = states[algorithm];
      if (state === undefined) return undefined;
      try {
        hasher.load(Buffer.from(state, "base64"));
      } catch {
        return undefined;
      }
    }
    return new RunningDigests(begun.#saved, new Map());
  }

  update(bytes: Uint8Array): void {
    for (const hasher of this.#saved.values()) hasher.update(bytes);
    for (const hash of this.#others.values()) hash.update(bytes);
  }

  save(): DigestStates {
    const entries = [...this.#saved].map(([algorithm, hasher]) => [
      algorithm,
      Buffer.from(hasher.save()).toString("base64"),
    ]);
    return Object.fromEntries(entries) as DigestStates;
  }

  /** Returns a digest of all bytes so far; `undefined` if it was not computed from the first byte on. */
  digest(algorithm: DigestAlgorithm): Digest | undefined {
    const hasher = this.#saved.get(algorithm);
    if (hasher === undefined) {
      const hex = this.#others.get(algorithm)?.copy().digest("hex");
      return hex === undefined ? undefined : { algorithm, hex };
    }
    const state = hasher.save();
    const hex = hasher.digest("hex");
    hasher.load(state);
    return { algorithm, hex };
  }
}
