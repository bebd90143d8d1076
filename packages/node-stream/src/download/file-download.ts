import { createReadStream } from "node:fs";
import { IntegrityError, TransferError } from "@carrel/core";
import type { ArchiveReport, PackageNote, VerifiedBy } from "@carrel/core";
import type { Digest, DigestAlgorithm } from "../files/digest-algorithm.ts";
import type { FileLock } from "../files/file-lock.ts";
import { quote } from "../files/names.ts";
import { checkOva } from "../ovf/check-ova.ts";
import { noteText } from "../ovf/note-text.ts";
import type { Claim } from "../ovf/package-check.ts";
import { openTransfer } from "../transfer/open-transfer.ts";
import type { TransferFacts } from "../transfer/transfer-facts.ts";
import { assertAbsent, ExistingFile, inTheWay } from "./existing-file.ts";
import type { FileFacts, SourceFile } from "./item-source.ts";
import type { ItemState } from "./item-state.ts";
import { ProgressMeter } from "./progress.ts";
import type { FileReport } from "./report.ts";
import { PartialFile } from "./partial-file.ts";
import { isSameContent, readRecord, workFiles } from "./resume-record.ts";
import type { FileIdentity, WorkFiles } from "./resume-record.ts";
import { checksumDigest, contradicted, verifyFile } from "./verify-file.ts";
import { writeBlocks } from "./write-blocks.ts";

/** Bodies that end too early, although in good order, before that is taken for the truth. */
const maxShortEnds = 3;

/** What identifies a file that is there already, and how it is known to be the right one. */
interface Match {
  readonly sizeBytes: number;
  readonly by: VerifiedBy;
  readonly digest: Digest;
}

/** What the transfer of a file brought. */
interface Fetched {
  /** What the server says of the file, now that it is all here. */
  readonly facts: FileFacts;
  /** Whether an answer stated a length that the bytes agree with. */
  readonly lengthStated: boolean;
  readonly receivedBytes: number;
}

/** How a file is known to be whole. */
interface Verdict {
  readonly by: VerifiedBy;
  readonly archive?: ArchiveReport;
  /** Why the archive's own manifests do not prove it. */
  readonly doubts?: readonly PackageNote[];
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
  /** The server's checksum, where it states one before the download. */
  readonly #expected: Digest | undefined;

  constructor({ file, item, lock, signal }: FileDownloadParts) {
    this.#file = file;
    this.#item = item;
    this.#lock = lock;
    this.#signal = signal;
    this.#paths = workFiles(item.folder, file.name);
    this.#expected = checksumDigest(file.checksum);
    const { name, contentVersion } = file;
    this.#identity = { format: 1, origin: item.client.origin, itemId: item.itemId, file: name, contentVersion };
  }

  /** Runs from the look at what is there to the final name. Call it once. */
  async run(): Promise<FileReport> {
    // Left as soon as the bytes are there: another file is transferred while this one waits for the disk and the server.
    const leave = await this.#item.concurrency.enter(this.#signal);
    try {
      const existing = await this.#matchExisting();
      if (existing !== undefined) return await this.#skip(existing);
      await using partial = await this.#openPartial();
      try {
        const fetched = partial.finishedBy === undefined ? await this.#fetch(partial, leave) : undefined;
        return await this.#finish(partial, fetched);
      } catch (error) {
        // What answered in place of the file says nothing about the bytes that are there.
        if (error instanceof IntegrityError && error.problem !== "not-the-file") await partial.discard();
        else await partial.keep();
        throw error;
      }
    } finally {
      leave();
    }
  }

  /**
   * Looks at what has the final name: `undefined` where there is nothing, it is to be replaced, or the server states
   * nothing to know it by, so that it has to be fetched again and compared.
   *
   * @throws {@link TransferError} `TRANSFER`: there is a file that is not known to be the right one.
   */
  async #matchExisting(): Promise<Match | undefined> {
    const { digests, manifest, options } = this.#item;
    const signal = this.#signal;
    if (options.existing === "overwrite") return undefined;
    const opened = await ExistingFile.open(this.#paths.final, digests);
    if (opened === undefined) return undefined;
    await using existing = opened;
    const { sizeBytes, path } = existing;
    const record = await readRecord(this.#paths.record, this.#lock);
    if (
      record?.verifiedBy !== undefined &&
      isSameContent(record, this.#identity) &&
      (await existing.has(record.digest, signal))
    ) {
      return { sizeBytes, by: record.verifiedBy, digest: record.digest };
    }
    const claims = await manifest.claimsOf(this.#file.name);
    const expected = this.#expected;
    const another = (): TransferError => inTheWay(path, "already, and it is not the one on the server");
    if (expected !== undefined && !(await existing.has(expected, signal))) throw another();
    for (const claim of claims) {
      if (await existing.has(claim.digest, signal)) continue;
      if (expected === undefined) {
        // Without a checksum nobody knows which of them is wrong until the file was fetched again.
        if (options.manifest === "report") return undefined;
        throw another();
      }
      const actual = await existing.digest(claim.digest.algorithm, signal);
      if (options.manifest !== "report") throw contradicted(this.#file.name, claim, actual, true);
      await manifest.contradicted(claim);
    }
    const known = expected ?? claims[0]?.digest;
    if (known !== undefined) return { sizeBytes, by: expected === undefined ? "manifest" : "checksum", digest: known };
    const wanted = this.#file.sizeBytes;
    if (wanted === undefined || wanted === sizeBytes) return undefined;
    throw inTheWay(path, `already, of ${sizeBytes} bytes, and the one on the server has ${wanted}`);
  }

  async #skip({ sizeBytes, by, digest }: Match): Promise<FileReport> {
    const { ahead, emit, progress } = this.#item;
    const { name } = this.#file;
    ahead.skip(name);
    const doubts = await this.#doubts({ by });
    this.#requireVerified(by, doubts);
    progress.set(name, sizeBytes);
    emit({ type: "skipped", file: name, by, sizeBytes, ...doubts });
    return { name, path: this.#paths.final, sizeBytes, by, digest, skipped: true, receivedBytes: 0, ...doubts };
  }

  async #openPartial(): Promise<PartialFile> {
    const { digests, emit, options } = this.#item;
    const partial = await PartialFile.open({
      paths: this.#paths,
      lock: this.#lock,
      identity: this.#identity,
      algorithm: this.#expected?.algorithm ?? "sha256",
      resume: (options.existing ?? "resume") === "resume",
      digests,
      signal: this.#signal,
    });
    if (partial.bytes > 0) emit({ type: "resumed", file: this.#file.name, fromByte: partial.bytes });
    return partial;
  }

  /**
   * Fetches the bytes that are missing, and asks the server afterwards how many there should be. Where that is more than
   * arrived (a body without a length that was cut off looks whole), it continues after what arrived.
   */
  async #fetch(partial: PartialFile, leave: () => void): Promise<Fetched> {
    const { emit, source } = this.#item;
    const { name } = this.#file;
    let receivedBytes = 0;
    for (let shortEnds = 0; ; shortEnds++) {
      const before = partial.bytes;
      const transfer = await this.#transfer(partial);
      leave();
      receivedBytes += transfer?.fetchedBytes ?? partial.bytes - before;
      const facts = await source.facts(this.#file, this.#signal);
      const { bytes } = partial;
      const isShort = facts.sizeBytes !== undefined && bytes < facts.sizeBytes;
      if (!isShort || shortEnds === maxShortEnds) {
        return { facts, lengthStated: transfer !== undefined && transfer.verifiedBy !== "nothing", receivedBytes };
      }
      const cause = new TransferError(`The transfer of ${quote(name)} ended at byte ${bytes} of ${facts.sizeBytes}.`, {
        problem: "broken",
      });
      emit({ type: "resumed", file: name, fromByte: bytes, cause: cause.toJSON() });
    }
  }

  async #transfer(partial: PartialFile): Promise<TransferFacts | undefined> {
    const { ahead, blocks, client, emit, options, pool, progress, rateLimit } = this.#item;
    const { name } = this.#file;
    const signal = this.#signal;
    const startByte = partial.bytes;
    let facts: TransferFacts | undefined;
    const stream = openTransfer(
      (request) => (request.cause === undefined ? ahead.endpoint(name, signal) : ahead.again(name, request.signal)),
      {
        signal,
        startByte,
        fileName: name,
        pool,
        session: client,
        ...(startByte > 0 && { prefix: () => createReadStream(partial.path, { end: startByte - 1 }) }),
        ...(rateLimit !== undefined && { maxBytesPerSecond: rateLimit }),
        ...(options.stallTimeoutMs !== undefined && { stallTimeoutMs: options.stallTimeoutMs }),
        ...(options.connectionsPerFile !== undefined && { connectionsPerFile: options.connectionsPerFile }),
        ...(options.resumeLimit !== undefined && { resumeLimit: options.resumeLimit }),
        onResume: ({ fromByte, cause }) => emit({ type: "resumed", file: name, fromByte, cause: cause.toJSON() }),
        onVerified: (verified) => (facts = verified),
      },
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

  async #finish(partial: PartialFile, fetched: Fetched | undefined): Promise<FileReport> {
    // On its way to the disk while the last bytes are hashed.
    const synced = partial.sync();
    synced.catch(() => {});
    const hex = await partial.complete(this.#signal);
    const verdict = await this.#verify(partial, fetched);
    const doubts = await this.#doubts(verdict);
    this.#requireVerified(verdict.by, doubts);
    const isSynced = await synced;
    this.#signal.throwIfAborted();
    const isNamed = await this.#publish(
      partial,
      { algorithm: partial.digest.algorithm, hex },
      { ...verdict, ...doubts },
    );
    return {
      name: this.#file.name,
      path: this.#paths.final,
      sizeBytes: partial.bytes,
      by: verdict.by,
      digest: { algorithm: partial.digest.algorithm, hex },
      skipped: false,
      receivedBytes: fetched?.receivedBytes ?? 0,
      ...(!(isSynced && isNamed) && { unflushed: true as const }),
      ...doubts,
      ...(verdict.archive !== undefined && { archive: verdict.archive }),
    };
  }

  /** Compares the bytes with everything that is known of the file. */
  async #verify(partial: PartialFile, fetched: Fetched | undefined): Promise<Verdict> {
    if (fetched === undefined) return { by: partial.finishedBy ?? "nothing" };
    const { name } = this.#file;
    const { bytes: sizeBytes, digest } = partial;
    const { digests, manifest } = this.#item;
    const digestOf = async (algorithm: DigestAlgorithm, start: number, bytes: number): Promise<string> =>
      digests.digestOf(partial.fd, algorithm, { start, bytes, signal: this.#signal });
    // Manifests may have many lines for one file.
    const whole = new Map<DigestAlgorithm, Promise<string>>([[digest.algorithm, digest.at(sizeBytes)]]);
    const isReport = this.#item.options.manifest === "report";
    const by = await verifyFile({
      name,
      bytes: sizeBytes,
      sizeBytes: fetched.facts.sizeBytes,
      checksum: fetched.facts.checksum,
      claims: await manifest.claimsOf(name),
      onContradiction: isReport ? (claim: Claim) => manifest.contradicted(claim) : undefined,
      lengthStated: fetched.lengthStated,
      digestOf: async (algorithm) => {
        const known = whole.get(algorithm) ?? digestOf(algorithm, 0, sizeBytes);
        whole.set(algorithm, known);
        return known;
      },
    });
    if (!/\.ova$/i.test(name)) return { by };
    const read = partial.read.bind(partial);
    const archive = { name, sizeBytes, read, digestOf, signal: this.#signal };
    const { report, isProved, doubts } = await checkOva(archive, {
      by,
      onContradiction: isReport ? "report" : "error",
    });
    return { by: isProved && by !== "checksum" ? "manifest" : by, archive: report, doubts };
  }

  /** Why manifests that should have proved the file did not, where nothing stronger did. */
  async #doubts({ by, doubts = [] }: Verdict): Promise<{ readonly doubts?: readonly PackageNote[] }> {
    if (by !== "length" && by !== "nothing") return {};
    const all = [...doubts, ...(await this.#item.manifest.doubtsOf(this.#file.name))];
    return all.length > 0 ? { doubts: all } : {};
  }

  #requireVerified(by: VerifiedBy, { doubts: [doubt] = [] }: Pick<Verdict, "doubts">): void {
    if (this.#item.options.requireVerified !== true || (by !== "nothing" && doubt === undefined)) return;
    const why =
      doubt === undefined
        ? "the server tells neither its checksum nor its length, and no manifest names it"
        : `the server tells no checksum, and ${noteText(doubt)}`;
    throw new IntegrityError(`${quote(this.#file.name)} cannot be verified: ${why}`, { problem: "unverifiable" });
  }

  /** Gives the file its final name. Returns whether it is sure to survive a power cut. */
  async #publish(partial: PartialFile, digest: Digest, { by, archive, doubts }: Verdict): Promise<boolean> {
    const { bytes: sizeBytes } = partial;
    await this.#assertReplaceable(sizeBytes, digest);
    // A run that comes after this one was killed knows the file by that; or by its checksum, where that is told beforehand.
    if (this.#expected === undefined) await partial.recordVerdict(by);
    const { emit, names } = this.#item;
    const isFlushed = await partial.publish(names);
    const { name: file } = this.#file;
    if (archive !== undefined) emit({ type: "archive", file, ...archive });
    emit({ type: "verified", file, by, sizeBytes, ...(doubts !== undefined && { doubts }) });
    return isFlushed;
  }

  /** Refuses to replace a file that appeared meanwhile, unless it is the same as the new one. */
  async #assertReplaceable(sizeBytes: number, digest: Digest): Promise<void> {
    const { digests, options } = this.#item;
    if (options.existing === "overwrite") return;
    if (options.existing === "error") return assertAbsent(this.#paths.final);
    const opened = await ExistingFile.open(this.#paths.final, digests);
    if (opened === undefined) return;
    await using existing = opened;
    const isSame = existing.sizeBytes === sizeBytes && (await existing.has(digest, this.#signal));
    if (!isSame) throw inTheWay(existing.path, "already, and it is not the one that was downloaded now");
  }
}
