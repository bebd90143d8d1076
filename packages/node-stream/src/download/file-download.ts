import { IntegrityError } from "@carrel/core";
import type { PackageNote, VerifiedBy } from "@carrel/core";
import { defined } from "@carrel/core/kit";
import {
  explainedByEncoding,
  isEnough,
  isManifest,
  oneOfEach,
  quote,
  requireVerified,
  unprovenEncoding,
  verifyFile,
} from "@carrel/core/transfer";
import type { Claim, Digest, DigestAlgorithm, SourceFile } from "@carrel/core/transfer";
import type { SavedFile } from "../sink/directory-record.ts";
import type { ClaimedFile, PartialFile, Replaceable } from "../sink/sink.ts";
import { FileTransfer } from "./file-transfer.ts";
import type { TransferOutcome } from "./file-transfer.ts";
import type { ItemState } from "./item-state.ts";
import { matchExisting } from "./match-existing.ts";
import type { Match } from "./match-existing.ts";
import type { FileReport } from "./report.ts";
import { asRecord } from "./unchanged-item.ts";
import { arisesOnTheWay, disproves, verifyArchive } from "./verification.ts";
import type { Verdict } from "./verification.ts";

/** What an earlier run left turned out not to be the beginning of the file. */
class WrongBeginning extends Error {
  override readonly cause: IntegrityError;

  constructor(cause: IntegrityError) {
    super(cause.message);
    this.cause = cause;
  }
}

/** A file that exists, and since when it is known. */
interface ExistingMatch extends Match {
  readonly unchangedSince?: string;
  readonly recordedBy?: VerifiedBy;
}

/** All bytes of the file arrived in this run, and are not those of the file. */
class DamagedBytes extends Error {
  override readonly cause: IntegrityError;
  /** Their digest. */
  readonly hex: string;

  constructor(cause: IntegrityError, hex: string) {
    super(cause.message);
    this.cause = cause;
    this.hex = hex;
  }
}

const defaultDamagedRetries = 2;

/** What a server may state after a download, and what lines of manifests are. */
const allAlgorithms: readonly DigestAlgorithm[] = ["sha256", "sha1", "sha512", "md5"];
const manifestAlgorithms: readonly DigestAlgorithm[] = ["sha256", "sha1", "sha512"];

const replaceable = {
  error: "nothing",
  resume: "same",
  overwrite: "anything",
} as const satisfies Record<string, Replaceable>;

interface FileDownloadParts {
  readonly file: SourceFile;
  readonly item: ItemState;
  readonly claim: ClaimedFile;
  /** Aborted by the caller, or because the item cannot be downloaded any more. */
  readonly signal: AbortSignal;
}

/** Downloads one file to its final name, whole; or keeps what arrived for a later run, and throws. */
export class FileDownload {
  readonly #file: SourceFile;
  readonly #item: ItemState;
  readonly #claim: ClaimedFile;
  readonly #signal: AbortSignal;
  readonly #existing: "error" | "resume" | "overwrite";
  /** Bytes that were fetched in this run and discarded. */
  #discardedBytes = 0;

  constructor({ file, item, claim, signal }: FileDownloadParts) {
    this.#file = file;
    this.#item = item;
    this.#claim = claim;
    this.#signal = signal;
    const { existing = "resume" } = item.options;
    // What is to be left alone was left out before: a file that appears meanwhile is compared.
    this.#existing = existing === "skip" ? "resume" : existing;
  }

  /** Skips a file that exists; else opens its partial file, transfers what is missing, verifies it, and publishes it. */
  async run(): Promise<FileReport> {
    try {
      for (;;) {
        const report = await this.#matchOrDownload();
        if (report !== undefined) return report;
        // Without a slot: a manifest that arrived damaged needs one to be fetched again.
        await this.#item.manifest.known();
      }
    } catch (error) {
      if (error instanceof DamagedBytes) return await this.#fetchAgain(error);
      if (!(error instanceof WrongBeginning)) throw error;
      // What an earlier run left was not the file. That says nothing about the server.
      this.#item.emit({ type: "resumed", file: this.#file.name, fromByte: 0, cause: error.cause.toJSON() });
      return await this.#fetchAgain();
    }
  }

  /** Takes a slot and does what is to be done about the file; `undefined` if it exists and the manifests are not known yet. */
  async #matchOrDownload(): Promise<FileReport | undefined> {
    return this.#inSlot(async (releaseSlot) => {
      const match = await this.#matchExisting();
      if (match === "not-yet") return undefined;
      if (match !== undefined) return this.#skip(match);
      return this.#download({ resume: this.#existing === "resume", releaseSlot });
    });
  }

  /** Downloads the file from its first byte, and again each time its bytes arrive damaged. */
  async #fetchAgain(before?: DamagedBytes): Promise<FileReport> {
    const { emit, options } = this.#item;
    const attempts = 1 + (options.damagedRetries ?? defaultDamagedRetries);
    const seen = new Set<string>();
    let damaged = before;
    for (let made = before === undefined ? 0 : 1; ; made++) {
      if (damaged !== undefined) {
        // The same bytes again are what the server has: what it states of them is wrong, or they are.
        if (made >= attempts || seen.has(damaged.hex)) throw damaged.cause;
        seen.add(damaged.hex);
        const cause = damaged.cause.toJSON();
        emit({ type: "damaged", file: this.#file.name, cause, attempt: made + 1, attempts });
      }
      try {
        return await this.#inSlot((releaseSlot) => this.#download({ resume: false, releaseSlot }));
      } catch (error) {
        if (!(error instanceof DamagedBytes)) throw error;
        damaged = error;
      }
    }
  }

  /** Holds one of the slots for transfers. Once it is released, another file is transferred while this one is finished. */
  async #inSlot<T>(work: (releaseSlot: () => void) => Promise<T>): Promise<T> {
    const releaseSlot = await this.#item.concurrency.acquire(this.#signal);
    try {
      return await work(releaseSlot);
    } finally {
      releaseSlot();
    }
  }

  /** Compares a file that has the final name; `undefined` if the file is to be downloaded. Does not wait for other files. */
  async #matchExisting(): Promise<ExistingMatch | "not-yet" | undefined> {
    const { manifest, options, sink, source } = this.#item;
    if (this.#existing === "overwrite") return undefined;
    const opened = await sink.openExisting(this.#file.name);
    if (opened === undefined) return undefined;
    await using existing = opened;
    if (!manifest.isKnownFor(this.#file.name)) return "not-yet";
    const { name, sizeBytes, checksum } = this.#file;
    // Costs a request if no checksum is known yet.
    const facts = checksum === undefined ? await source.facts(this.#file, this.#signal) : this.#file;
    const saved = await this.#saved();
    const match = await matchExisting(existing, {
      name,
      sizeBytes: facts.sizeBytes ?? sizeBytes,
      checksum: facts.checksum,
      manifest,
      onContradiction: options.manifest ?? "check",
      record: async () => {
        // A record vouches for a length. Where more is required, only another download can tell.
        if (!isEnough(options.requireVerified, "length")) return undefined;
        return (await this.#claim.readVerdict(this.#file.contentVersion)) ?? (saved && asRecord(saved));
      },
      signal: this.#signal,
    });
    if (match === undefined || saved === undefined || !(await existing.has(saved.digest, this.#signal))) return match;
    return { ...match, unchangedSince: saved.verifiedAt, recordedBy: saved.verifiedBy };
  }

  /** Returns what an earlier run recorded of this content of the file, if that is wanted and nothing spoke against it. */
  async #saved(): Promise<SavedFile | undefined> {
    const { options, sink } = this.#item;
    if (options.record === undefined) return undefined;
    const saved = (await sink.savedFiles()).get(this.#file.name);
    const isUsable = saved?.contentVersion === this.#file.contentVersion && saved.verifiedBy !== "nothing";
    return isUsable ? saved : undefined;
  }

  async #skip(match: ExistingMatch): Promise<FileReport> {
    const { sizeBytes, verifiedBy, digest, archive, unchangedSince, recordedBy } = match;
    const { ahead, emit, progress } = this.#item;
    const { name } = this.#file;
    ahead.skip(name);
    const doubts = await this.#doubts(match);
    requireVerified(name, this.#item.options.requireVerified, verifiedBy, doubts);
    progress.set(name, sizeBytes);
    if (archive !== undefined) emit({ type: "archive", file: name, ...archive });
    const path = this.#claim.location;
    const known = defined({ unchangedSince, recordedBy, doubts });
    emit({ type: "skipped", file: name, verifiedBy, sizeBytes, path, digest, ...known });
    return {
      name,
      path,
      sizeBytes,
      verifiedBy,
      digest,
      skipped: true,
      receivedBytes: 0,
      ...known,
      ...defined({ archive }),
    };
  }

  /** Downloads the file to its final name; on failure keeps what is not known to be wrong. */
  async #download({
    resume,
    releaseSlot,
  }: {
    readonly resume: boolean;
    readonly releaseSlot: () => void;
  }): Promise<FileReport> {
    await using partial = await this.#openPartial(resume);
    const resumedBytes = partial.sizeBytes;
    const transfer = { file: this.#file, item: this.#item, partial, signal: this.#signal, onLastByte: releaseSlot };
    let outcome: TransferOutcome | undefined;
    try {
      outcome = await new FileTransfer(transfer).run();
      return await this.#finish(partial, outcome);
    } catch (error) {
      const isWhole =
        outcome !== undefined && (outcome.lengthStated || partial.sizeBytes > (outcome.facts.sizeBytes ?? Infinity));
      if (!disproves(error, { isWhole })) {
        await partial.keep();
        const { sizeBytes: keptBytes } = partial;
        if (keptBytes > 0) this.#item.emit({ type: "interrupted", file: this.#file.name, keptBytes });
        throw error;
      }
      this.#discardedBytes += outcome?.receivedBytes ?? 0;
      const isDamage = outcome !== undefined && arisesOnTheWay(error);
      const hex = isDamage ? await partial.digest(partial.algorithm, this.#signal).catch(() => undefined) : undefined;
      await partial.discard();
      if (resumedBytes > 0 && error.problem !== "manifest") throw new WrongBeginning(error);
      throw hex === undefined ? error : new DamagedBytes(error, hex);
    }
  }

  /** The digests that the file may be compared with, the likeliest first. */
  #algorithms(): readonly [DigestAlgorithm, ...DigestAlgorithm[]] {
    const { checksum, name } = this.#file;
    const others = checksum === undefined ? [...allAlgorithms] : [checksum.algorithm];
    const byManifest = isManifest(name) || this.#item.manifest.names.length === 0 ? [] : manifestAlgorithms;
    const first = checksum?.algorithm ?? "sha256";
    return [first, ...[...new Set([...others, ...byManifest])].filter((algorithm) => algorithm !== first)];
  }

  async #openPartial(resume: boolean): Promise<PartialFile> {
    const { emit } = this.#item;
    const { name, checksum, contentVersion, sizeBytes } = this.#file;
    const partial = await this.#claim.openPartial({
      contentVersion,
      sizeBytes,
      checksum,
      algorithms: this.#algorithms(),
      resume,
      mayBeAll: (bytes) => checksum === undefined && bytes >= (sizeBytes ?? 0),
      signal: this.#signal,
    });
    if (partial.sizeBytes > 0) emit({ type: "resumed", file: name, fromByte: partial.sizeBytes });
    return partial;
  }

  /** Verifies the bytes and publishes the file. */
  async #finish(partial: PartialFile, outcome: TransferOutcome): Promise<FileReport> {
    // Flushed to the disk while the last bytes are hashed.
    const flushed = partial.flush();
    flushed.catch(() => {});
    const digest = await partial.complete(this.#signal);
    const verdict = await this.#verify(partial, outcome);
    const doubts = await this.#doubts(verdict);
    const { verifiedBy, archive } = verdict;
    requireVerified(this.#file.name, this.#item.options.requireVerified, verifiedBy, doubts);
    const isFlushed = await flushed;
    this.#signal.throwIfAborted();
    const isNamed = await this.#publish(partial, digest, verifiedBy);
    const { emit } = this.#item;
    const { name } = this.#file;
    const { sizeBytes } = partial;
    const { origin } = outcome;
    const receivedBytes = outcome.receivedBytes + this.#discardedBytes;
    if (archive !== undefined) emit({ type: "archive", file: name, ...archive });
    const path = this.#claim.location;
    emit({ type: "finished", file: name, verifiedBy, sizeBytes, path, digest, ...defined({ origin, doubts }) });
    return {
      name,
      path,
      sizeBytes,
      verifiedBy,
      digest,
      skipped: false,
      receivedBytes,
      ...(!(isFlushed && isNamed) && { unflushed: true as const }),
      ...defined({ origin, doubts, archive }),
    };
  }

  /** Compares the bytes with everything that is known of the file. */
  async #verify(partial: PartialFile, { facts, lengthStated, encoding }: TransferOutcome): Promise<Verdict> {
    const { name } = this.#file;
    const { sizeBytes } = partial;
    const { manifest, options } = this.#item;
    const isReport = options.manifest === "report";
    const verifiedBy = await verifyFile({
      name,
      bytes: sizeBytes,
      sizeBytes: facts.sizeBytes,
      checksums: oneOfEach([facts.checksum, this.#file.checksum]),
      claims: await manifest.claimsOf(name),
      onContradiction: isReport ? (claim: Claim) => manifest.contradicted(claim) : undefined,
      lengthStated,
      digestOf: (algorithm) => partial.digest(algorithm, this.#signal),
    }).catch((error: unknown) => {
      throw explainedByEncoding(error, encoding);
    });
    if (verifiedBy === "nothing" && encoding !== undefined) {
      throw unprovenEncoding(quote(name), { encoding, bytes: sizeBytes });
    }
    return verifyArchive(name, partial, { verifiedBy, onContradiction: isReport ? "report" : "error" }, this.#signal);
  }

  /** Returns why manifests that should have verified the file did not, if nothing stronger did. */
  async #doubts({ verifiedBy, doubts = [] }: Verdict): Promise<readonly PackageNote[] | undefined> {
    if (verifiedBy !== "length" && verifiedBy !== "nothing") return undefined;
    const all = [...doubts, ...(await this.#item.manifest.doubtsOf(this.#file.name))];
    return all.length > 0 ? all : undefined;
  }

  /** Gives the file its final name. Returns whether it is sure to survive a power cut. */
  async #publish(partial: PartialFile, digest: Digest, verifiedBy: VerifiedBy): Promise<boolean> {
    return partial.publish({
      verifiedBy,
      digest,
      replaces: replaceable[this.#existing],
      isRecognizable: this.#file.checksum !== undefined,
      signal: this.#signal,
    });
  }
}
