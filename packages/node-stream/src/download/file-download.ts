import { createReadStream } from "node:fs";
import { IntegrityError, TransferError } from "@carrel/core";
import type { PackageNote, VerifiedBy } from "@carrel/core";
import { oneOfEach } from "../files/checksum.ts";
import type { Digest, DigestAlgorithm } from "../files/checksum.ts";
import type { FileLock } from "../files/file-lock.ts";
import { quote } from "../files/names.ts";
import { noteText } from "../ovf/note-text.ts";
import type { Claim } from "../ovf/package-check.ts";
import { explainedByEncoding, unprovenEncoding } from "../transfer/content-encoding.ts";
import { TransferReadable } from "../transfer/open-transfer.ts";
import { deferredProof } from "../transfer/proof.ts";
import type { TransferFacts } from "../transfer/transfer-options.ts";
import { Disproved, disproves } from "./disproof.ts";
import { assertAbsent, assertReplaceable, ExistingFile, matchExisting } from "./existing-file.ts";
import type { Match } from "./existing-file.ts";
import type { FileFacts, SourceFile } from "./item-source.ts";
import type { ItemState } from "./item-state.ts";
import { defaultFactsTimeoutMs, realClock, settledFacts } from "./late-facts.ts";
import { ProgressMeter } from "./progress.ts";
import type { FileReport } from "./report.ts";
import { PartialFile } from "./partial-file.ts";
import { isSameContent, readRecord, workFiles } from "./resume-record.ts";
import type { FileIdentity, WorkFiles } from "./resume-record.ts";
import { lookInside, verifyFile } from "./verification.ts";
import type { Verdict } from "./verification.ts";
import { writeBlocks } from "./write-blocks.ts";

/** Bodies that end too early, although in good order, before that is taken for the truth. */
const maxShortEnds = 3;

/** What the transfer of a file brought. */
interface Fetched {
  /** What the server says of the file, now that it is all here. */
  readonly facts: FileFacts;
  /** Whether an answer stated a length that the bytes agree with. */
  readonly lengthStated: boolean;
  readonly receivedBytes: number;
  /** The encoding that the server says the bytes have, where only a comparison can tell that they are the file's. */
  readonly encoding: string | undefined;
  /** Origin that the last of them came from. */
  readonly origin: string | undefined;
}

interface FileDownloadParts {
  readonly file: SourceFile;
  readonly item: ItemState;
  readonly lock: FileLock;
  /** Aborted by the caller, or because the item cannot be downloaded any more. */
  readonly signal: AbortSignal;
}

/** Brings one file under its final name, whole; or keeps what arrived for a later run, and throws. */
export class FileDownload {
  readonly #file: SourceFile;
  readonly #item: ItemState;
  readonly #lock: FileLock;
  readonly #signal: AbortSignal;
  readonly #paths: WorkFiles;
  readonly #identity: FileIdentity;

  constructor({ file, item, lock, signal }: FileDownloadParts) {
    this.#file = file;
    this.#item = item;
    this.#lock = lock;
    this.#signal = signal;
    this.#paths = workFiles(item.folder, file.name);
    const { name, contentVersion } = file;
    this.#identity = { format: 1, origin: item.client.origin, itemId: item.itemId, file: name, contentVersion };
  }

  /** Runs from the look at what is there to the final name. Call it once. */
  async run(): Promise<FileReport> {
    const resume = (this.#item.options.existing ?? "resume") === "resume";
    try {
      return await this.#inSlot(async (leave) => {
        const existing = await this.#matchExisting();
        return existing === undefined ? this.#bring({ resume, leave }) : this.#skip(existing);
      });
    } catch (error) {
      if (!(error instanceof Disproved)) throw error;
      // What an earlier run left was not the file. That says nothing about the server.
      this.#item.emit({ type: "resumed", file: this.#file.name, fromByte: 0, cause: error.cause.toJSON() });
      return await this.#inSlot((leave) => this.#bring({ resume: false, leave }));
    }
  }

  /** Holds one of the slots for transfers, at most until the end. Left earlier, another file is transferred meanwhile. */
  async #inSlot<T>(work: (leave: () => void) => Promise<T>): Promise<T> {
    const leave = await this.#item.concurrency.enter(this.#signal);
    try {
      return await work(leave);
    } finally {
      leave();
    }
  }

  /** Brings the file under its final name, or keeps of it what is not known to be wrong. */
  async #bring({ resume, leave }: { readonly resume: boolean; readonly leave: () => void }): Promise<FileReport> {
    await using partial = await this.#openPartial(resume);
    const resumedBytes = partial.bytes;
    let fetched: Fetched | undefined;
    try {
      fetched = await this.#fetch(partial, leave);
      return await this.#finish(partial, fetched);
    } catch (error) {
      const isWhole =
        fetched !== undefined && (fetched.lengthStated || partial.bytes > (fetched.facts.sizeBytes ?? Infinity));
      if (!disproves(error, { isWhole })) {
        await partial.keep();
        throw error;
      }
      await partial.discard();
      throw resumedBytes > 0 && error.problem !== "manifest" ? new Disproved(error) : error;
    }
  }

  /** Looks at what has the final name; `undefined` where it is to be fetched. */
  async #matchExisting(): Promise<Match | undefined> {
    const { digests, manifest, options } = this.#item;
    if (options.existing === "overwrite") return undefined;
    const opened = await ExistingFile.open(this.#paths.final, digests);
    if (opened === undefined) return undefined;
    await using existing = opened;
    const { name, sizeBytes } = this.#file;
    const facts = await this.#factsBefore();
    return await matchExisting(existing, {
      name,
      sizeBytes: facts.sizeBytes ?? sizeBytes,
      checksum: facts.checksum,
      manifest,
      onContradiction: options.manifest ?? "check",
      earlier: async () => {
        const record = await readRecord(this.#paths.record, this.#lock);
        return record !== undefined && isSameContent(record, this.#identity) ? record : undefined;
      },
      signal: this.#signal,
    });
  }

  /** What the server states of the file before anything of it is fetched. Costs a request where no checksum is known yet. */
  async #factsBefore(): Promise<Pick<FileFacts, "checksum" | "sizeBytes">> {
    return this.#file.checksum === undefined ? this.#item.source.facts(this.#file, this.#signal) : this.#file;
  }

  async #skip(match: Match): Promise<FileReport> {
    const { sizeBytes, verifiedBy, digest, archive } = match;
    const { ahead, emit, progress } = this.#item;
    const { name } = this.#file;
    ahead.skip(name);
    const doubts = await this.#doubts(match);
    this.#requireVerified(verifiedBy, doubts);
    progress.set(name, sizeBytes);
    if (archive !== undefined) emit({ type: "archive", file: name, ...archive });
    emit({ type: "skipped", file: name, verifiedBy, sizeBytes, ...doubts });
    const known = { name, path: this.#paths.final, sizeBytes, verifiedBy, digest, ...doubts };
    return { ...known, skipped: true, receivedBytes: 0, ...(archive !== undefined && { archive }) };
  }

  async #openPartial(resume: boolean): Promise<PartialFile> {
    const { digests, emit } = this.#item;
    const { checksum, sizeBytes } = this.#file;
    const partial = await PartialFile.open({
      paths: this.#paths,
      lock: this.#lock,
      identity: this.#identity,
      algorithm: checksum?.algorithm ?? "sha256",
      resume,
      mayBeAll: (bytes) => checksum === undefined && bytes >= (sizeBytes ?? 0),
      digests,
      signal: this.#signal,
    });
    if (partial.bytes > 0) emit({ type: "resumed", file: this.#file.name, fromByte: partial.bytes });
    return partial;
  }

  /**
   * Fetches the bytes that are missing, and asks the server afterwards what the file should be. Where that is more than
   * arrived (a body without a length that was cut off looks whole), it continues after what arrived.
   */
  async #fetch(partial: PartialFile, leave: () => void): Promise<Fetched> {
    const { emit } = this.#item;
    const { name } = this.#file;
    let receivedBytes = 0;
    for (let shortEnds = 0; ; shortEnds++) {
      const before = partial.bytes;
      const transfer = await this.#transfer(partial);
      leave();
      const { bytes } = partial;
      receivedBytes += transfer?.fetchedBytes ?? bytes - before;
      const fetched: Fetched = {
        facts: await this.#factsAfter(bytes, receivedBytes),
        lengthStated: transfer !== undefined && transfer.verifiedBy !== "nothing",
        receivedBytes,
        encoding: transfer?.contentEncoding,
        origin: transfer?.origin,
      };
      const isStuck = shortEnds > 0 && bytes === before;
      // Encoded bytes are as many as they are, whatever the file's length is.
      const isEnd = shortEnds === maxShortEnds || isStuck || fetched.encoding !== undefined;
      if (isEnd || !(await this.#looksCutOff(partial, fetched))) return fetched;
      const of = fetched.facts.sizeBytes === undefined ? "" : ` of ${fetched.facts.sizeBytes}`;
      const cause = new TransferError(`The transfer of ${quote(name)} ended at byte ${bytes}${of}`, {
        problem: "broken",
      });
      emit({ type: "resumed", file: name, fromByte: bytes, cause: cause.toJSON() });
    }
  }

  /** What the server states of the file after its last byte arrived; waits for what it owes. */
  async #factsAfter(bytes: number, receivedBytes: number): Promise<FileFacts> {
    const { habits, options, source } = this.#item;
    const ask = (): Promise<FileFacts> => source.facts(this.#file, this.#signal);
    // An earlier run had all of it: for a download that did not take place the server owes nothing.
    if (bytes > 0 && receivedBytes === 0) return ask();
    return settledFacts(ask, {
      bytes,
      habits,
      timeoutMs: options.factsTimeoutMs ?? defaultFactsTimeoutMs,
      signal: this.#signal,
      clock: realClock,
    });
  }

  /** Whether more may follow: the server has more, or no length was ever stated and the digest is not the file's. */
  async #looksCutOff(partial: PartialFile, { facts, lengthStated }: Fetched): Promise<boolean> {
    const { bytes } = partial;
    const { checksum, sizeBytes } = facts;
    if (sizeBytes !== undefined) return bytes < sizeBytes;
    if (lengthStated || checksum === undefined) return false;
    return (await this.#digestOf(partial, checksum.algorithm)) !== checksum.hex;
  }

  async #transfer(partial: PartialFile): Promise<TransferFacts | undefined> {
    const { ahead, blocks, client, emit, options, pool, progress, rateLimit } = this.#item;
    const { name } = this.#file;
    const signal = this.#signal;
    const startByte = partial.bytes;
    let facts: TransferFacts | undefined;
    const stream = new TransferReadable(
      (request) => (request.cause === undefined ? ahead.endpoint(name, signal) : ahead.again(name, request.signal)),
      {
        signal,
        startByte,
        fileName: name,
        pool,
        session: client,
        ...(startByte > 0 && { prefix: () => createReadStream(partial.path, { end: startByte - 1 }) }),
        ...(startByte > 0 && partial.validator !== undefined && { expect: { validator: partial.validator } }),
        ...(rateLimit !== undefined && { maxBytesPerSecond: rateLimit }),
        ...(options.stallTimeoutMs !== undefined && { stallTimeoutMs: options.stallTimeoutMs }),
        ...(options.connectionsPerFile !== undefined && { connectionsPerFile: options.connectionsPerFile }),
        ...(options.resumeLimit !== undefined && { resumeLimit: options.resumeLimit }),
        onResume: ({ fromByte, cause }) => emit({ type: "resumed", file: name, fromByte, cause: cause.toJSON() }),
        onVerified: (verified) => (facts = verified),
      },
      { proof: deferredProof },
    );
    stream.opened.then(
      ({ validator }) => (partial.validator = validator),
      () => {},
    );
    const meter = new ProgressMeter({
      file: name,
      totalBytes: () => ahead.sizeOf(this.#file) ?? stream.totalBytes,
      startByte,
      everyMs: options.progressEveryMs ?? 100,
      emit,
    });
    const onWritten = (bytes: number): void => {
      meter.add(bytes);
      progress.set(name, partial.bytes);
    };
    await writeBlocks(stream, partial, { blocks, onWritten });
    meter.finish();
    return facts;
  }

  async #finish(partial: PartialFile, fetched: Fetched): Promise<FileReport> {
    // On its way to the disk while the last bytes are hashed.
    const synced = partial.sync();
    synced.catch(() => {});
    const hex = await partial.complete(this.#signal);
    const verdict = await this.#verify(partial, fetched);
    const doubts = await this.#doubts(verdict);
    this.#requireVerified(verdict.verifiedBy, doubts);
    const isSynced = await synced;
    this.#signal.throwIfAborted();
    const origin = fetched.origin === undefined || fetched.receivedBytes === 0 ? {} : { origin: fetched.origin };
    const isNamed = await this.#publish(
      partial,
      { algorithm: partial.digest.algorithm, hex },
      { ...verdict, ...doubts, ...origin },
    );
    return {
      name: this.#file.name,
      path: this.#paths.final,
      sizeBytes: partial.bytes,
      verifiedBy: verdict.verifiedBy,
      digest: { algorithm: partial.digest.algorithm, hex },
      skipped: false,
      receivedBytes: fetched.receivedBytes ?? 0,
      ...origin,
      ...(!(isSynced && isNamed) && { unflushed: true as const }),
      ...doubts,
      ...(verdict.archive !== undefined && { archive: verdict.archive }),
    };
  }

  /** Compares the bytes with everything that is known of the file. */
  async #verify(partial: PartialFile, { facts, lengthStated, encoding }: Fetched): Promise<Verdict> {
    const { name } = this.#file;
    const { bytes: sizeBytes } = partial;
    const { digests, manifest } = this.#item;
    const digestOf = async (algorithm: DigestAlgorithm, start: number, bytes: number): Promise<string> =>
      digests.digestOf(partial.fd, algorithm, { start, bytes, signal: this.#signal });
    // Manifests may have many lines for one file.
    const whole = new Map<DigestAlgorithm, Promise<string>>();
    const isReport = this.#item.options.manifest === "report";
    const verifiedBy = await verifyFile({
      name,
      bytes: sizeBytes,
      sizeBytes: facts.sizeBytes,
      checksums: oneOfEach([facts.checksum, this.#file.checksum]),
      claims: await manifest.claimsOf(name),
      onContradiction: isReport ? (claim: Claim) => manifest.contradicted(claim) : undefined,
      lengthStated,
      digestOf: async (algorithm) => {
        const known = whole.get(algorithm) ?? this.#digestOf(partial, algorithm);
        whole.set(algorithm, known);
        return known;
      },
    }).catch((error: unknown) => {
      throw explainedByEncoding(error, encoding);
    });
    if (verifiedBy === "nothing" && encoding !== undefined)
      throw unprovenEncoding(quote(name), { encoding, bytes: sizeBytes });
    const read = partial.read.bind(partial);
    const archive = { name, sizeBytes, read, digestOf, signal: this.#signal };
    return lookInside(archive, { verifiedBy, onContradiction: isReport ? "report" : "error" });
  }

  /** The digest of all bytes that are there; read again only where it is not the one that is computed along the way. */
  async #digestOf(partial: PartialFile, algorithm: DigestAlgorithm): Promise<string> {
    const { bytes, digest, fd } = partial;
    if (algorithm === digest.algorithm) return digest.at(bytes, this.#signal);
    return this.#item.digests.digestOf(fd, algorithm, { bytes, signal: this.#signal });
  }

  /** Why manifests that should have proved the file did not, where nothing stronger did. */
  async #doubts({ verifiedBy, doubts = [] }: Verdict): Promise<{ readonly doubts?: readonly PackageNote[] }> {
    if (verifiedBy !== "length" && verifiedBy !== "nothing") return {};
    const all = [...doubts, ...(await this.#item.manifest.doubtsOf(this.#file.name))];
    return all.length > 0 ? { doubts: all } : {};
  }

  #requireVerified(verifiedBy: VerifiedBy, { doubts: [doubt] = [] }: Pick<Verdict, "doubts">): void {
    if (this.#item.options.requireVerified !== true || (verifiedBy !== "nothing" && doubt === undefined)) return;
    const why =
      doubt === undefined
        ? "the server states neither its checksum nor its length, and no manifest names it"
        : `the server states no checksum, and ${noteText(doubt)}`;
    throw new IntegrityError(`Cannot verify ${quote(this.#file.name)}: ${why}`, { problem: "unverifiable" });
  }

  /** Gives the file its final name. Returns whether it is sure to survive a power cut. */
  async #publish(
    partial: PartialFile,
    digest: Digest,
    { verifiedBy, archive, doubts, origin }: Verdict,
  ): Promise<boolean> {
    const { bytes: sizeBytes } = partial;
    const { digests, options } = this.#item;
    if (options.existing === "error") await assertAbsent(this.#paths.final);
    if ((options.existing ?? "resume") === "resume") {
      await assertReplaceable(this.#paths.final, { sizeBytes, digest, digests, signal: this.#signal });
    }
    // A run that comes after this one was killed knows the file by that; or by its checksum, where that is told beforehand.
    if (this.#file.checksum === undefined) await partial.recordVerdict(verifiedBy);
    const { emit, names } = this.#item;
    const isFlushed = await partial.publish(names);
    const { name: file } = this.#file;
    if (archive !== undefined) emit({ type: "archive", file, ...archive });
    emit({
      type: "finished",
      file,
      verifiedBy,
      sizeBytes,
      ...(origin !== undefined && { origin }),
      ...(doubts !== undefined && { doubts }),
    });
    return isFlushed;
  }
}
