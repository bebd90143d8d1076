import { IntegrityError } from "@carrel/core";
import type { PackageNote } from "@carrel/core";
import { defined } from "@carrel/core/kit";
import { isWanted } from "../download/select-files.ts";
import type { FileFacts, ItemSource, LeasedEndpoint, PreparationOptions, SourceFile } from "@carrel/core/transfer";
import type { OpenSourceOptions, RemoteItem, SynchronizeOptions } from "../download/remote-item.ts";
import { noteText, quote } from "@carrel/core/transfer";
import { listOva } from "../ovf/list-ova.ts";
import type { OvaMember } from "../ovf/list-ova.ts";
import { openRandomAccess } from "../random-access/open-random-access.ts";
import type { ConnectionPool } from "../tls/connection-pool.ts";
import type { TransferSession } from "../transfer/transfer-options.ts";

/** How an item is unpacked. */
export interface UnpackOptions {
  /** The connections over which the headers of archives are read. */
  readonly pool: ConnectionPool;
  /** Only files of the item that match one of these globs; all files where absent. Archives are unpacked as a whole. */
  readonly include?: readonly string[];
}

/**
 * Another item, in which the files of its OVA archives take the place of the archives. Each is fetched by ranges of its archive,
 * and verified as files of an item are: by an OVF manifest, which here comes out of the archive, or by its length. Directories
 * in the names of an archive are left out.
 *
 * Its source throws an `IntegrityError` `INTEGRITY` of the problem `archive` where an archive cannot be unpacked, and a
 * `TransferError` `TRANSFER` of the problem `no-range` where the server does not honour ranges.
 *
 * @private Does not follow semantic versioning.
 */
export class UnpackedItem implements RemoteItem {
  readonly #item: RemoteItem;
  readonly #options: UnpackOptions;

  constructor(item: RemoteItem, options: UnpackOptions) {
    this.#item = item;
    this.#options = options;
  }

  get itemId(): string {
    return this.#item.itemId;
  }

  get origin(): string {
    return this.#item.origin;
  }

  get session(): TransferSession | undefined {
    return this.#item.session;
  }

  contentVersion(signal: AbortSignal): Promise<string | undefined> {
    return this.#item.contentVersion(signal);
  }

  /** The library does not list what is in an archive. */
  async listFiles(): Promise<undefined> {
    return undefined;
  }

  synchronize(options: SynchronizeOptions): Promise<void> {
    return this.#item.synchronize(options);
  }

  async open(options: OpenSourceOptions): Promise<ItemSource> {
    return new UnpackedSource(await this.#item.open(options), { ...this.#options, session: this.session });
  }
}

interface UnpackedSourceOptions extends UnpackOptions {
  readonly session: TransferSession | undefined;
}

/** The files of another source, and those of its archives. */
class UnpackedSource implements ItemSource {
  readonly #source: ItemSource;
  readonly #options: UnpackedSourceOptions;
  /** The archives of files, by the names of the files. */
  readonly #archives = new Map<string, string>();

  constructor(source: ItemSource, options: UnpackedSourceOptions) {
    this.#source = source;
    this.#options = options;
  }

  get contentVersion(): string | undefined {
    return this.#source.contentVersion;
  }

  get server(): object {
    return this.#source.server;
  }

  get failure(): unknown {
    return this.#source.failure;
  }

  async files(signal: AbortSignal): Promise<readonly SourceFile[]> {
    const { include } = this.#options;
    const files: SourceFile[] = [];
    for (const file of await this.#source.files(signal)) {
      if (!isWanted(file.name, defined({ include }))) continue;
      if (/\.ova$/iu.test(file.name)) files.push(...(await this.#unpack(file, signal)));
      else files.push(file);
    }
    return files;
  }

  endpoint(fileName: string, options: PreparationOptions): Promise<LeasedEndpoint> {
    const archive = this.#archives.get(fileName);
    if (archive === undefined) return this.#source.endpoint(fileName, options);
    // Without what the server reports on its progress: that is the archive's.
    const { signal, cause } = options;
    return this.#source.endpoint(archive, { signal, ...defined({ cause }) });
  }

  async facts(file: SourceFile, signal: AbortSignal): Promise<FileFacts> {
    if (file.within === undefined) return this.#source.facts(file, signal);
    return { sizeBytes: file.sizeBytes, checksum: undefined, isFinal: true };
  }

  reportProgress(percent: number): void {
    this.#source.reportProgress(percent);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#source[Symbol.asyncDispose]();
  }

  /** Lists the files in an archive by its headers. */
  async #unpack({ name: archive, contentVersion }: SourceFile, signal: AbortSignal): Promise<readonly SourceFile[]> {
    const { pool, session } = this.#options;
    await using bytes = await openRandomAccess(
      (request) => this.#source.endpoint(archive, { signal: request.signal, ...defined({ cause: request.cause }) }),
      { pool, signal, fileName: archive, ...defined({ session }) },
    );
    const listing = await listOva(bytes);
    const notes: readonly PackageNote[] = listing?.notes ?? [{ reason: "not-an-archive" }];
    const [note] = notes;
    if (note !== undefined) throw cannotUnpack(archive, noteText({ ...note, file: note.file ?? archive }));
    const { sizeBytes: wholeBytes, validator } = bytes;
    return (listing?.members ?? []).map((member): SourceFile => {
      const name = member.name.slice(member.name.lastIndexOf("/") + 1);
      this.#archives.set(name, archive);
      const within = { startByte: startOf(member, archive), wholeBytes, validator };
      return { name, sizeBytes: member.sizeBytes, checksum: undefined, contentVersion, within };
    });
  }
}

function startOf({ name, sizeBytes, extents }: OvaMember, archive: string): number {
  if (sizeBytes === 0) return 0;
  const [first, ...others] = extents ?? [];
  if (first?.start !== undefined && others.length === 0) return first.start;
  throw cannotUnpack(archive, `the bytes of ${quote(name)} are not there in one piece`);
}

function cannotUnpack(archive: string, why: string): IntegrityError {
  return new IntegrityError(`Cannot unpack ${quote(archive)}: ${why}`, { problem: "archive" });
}
