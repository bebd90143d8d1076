import type { Digest, Sink } from "@carrel/node-stream";
import type { ClaimedFile, ItemSink, PartialFile, PartialOptions, Replaceable } from "@carrel/node-stream/sink";

/** The item of all tests. */
export const item = { origin: "https://vcenter.test", itemId: "item-1" } as const;

/** How a file is opened. */
export interface WriterOptions extends Partial<PartialOptions> {
  readonly name?: string;
  readonly itemId?: string;
}

/** How a file is published. */
export interface FinishOptions {
  readonly replaces?: Replaceable;
  readonly isRecognizable?: boolean;
}

export const fileName = "disk-0.vmdk";

/** A sink that is open with one claimed and open file, as a download has them. */
export class Writer implements AsyncDisposable {
  readonly sink: ItemSink;
  readonly claim: ClaimedFile;
  readonly partial: PartialFile;

  private constructor(sink: ItemSink, claim: ClaimedFile, partial: PartialFile) {
    this.sink = sink;
    this.claim = claim;
    this.partial = partial;
  }

  static async open(place: Sink, options: WriterOptions = {}): Promise<Writer> {
    const { name = fileName, itemId = item.itemId, ...more } = options;
    const signal = more.signal ?? new AbortController().signal;
    const sink = await place.open({ ...item, itemId });
    await sink.create();
    const claim = await sink.claim(name, signal);
    const partial = await claim.openPartial({
      contentVersion: "1",
      sizeBytes: undefined,
      checksum: undefined,
      algorithms: ["sha256", "sha1", "sha512", "md5"],
      resume: true,
      mayBeAll: () => false,
      ...more,
      signal,
    });
    return new Writer(sink, claim, partial);
  }

  /** Writes what is missing of some bytes, in blocks that are overwritten as soon as they were taken. */
  async write(content: Uint8Array, blockBytes: number = 262_144): Promise<void> {
    const block = Buffer.alloc(blockBytes);
    for (let start = this.partial.sizeBytes; start < content.length;) {
      const piece = content.subarray(start, start + blockBytes);
      block.set(piece);
      await this.partial.write([block.subarray(0, piece.length)]);
      block.fill(0);
      start += piece.length;
    }
  }

  /** Completes the file, and gives it its name. */
  async finish({ replaces = "same", isRecognizable = true }: FinishOptions = {}): Promise<Digest> {
    const { signal } = new AbortController();
    const flushed = this.partial.flush();
    const digest = await this.partial.complete(signal);
    await flushed;
    await this.partial.publish({ verifiedBy: "length", digest, replaces, isRecognizable, signal });
    return digest;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.partial[Symbol.asyncDispose]();
    await this.claim[Symbol.asyncDispose]();
    await this.sink[Symbol.asyncDispose]();
  }
}
