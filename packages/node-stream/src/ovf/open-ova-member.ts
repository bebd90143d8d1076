import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { IntegrityError } from "@carrel/core";
import { quote } from "@carrel/core/transfer";
import { MemberReader } from "./member-reader.ts";
import type { OvaBytes } from "./member-reader.ts";
import type { OvaMember } from "./list-ova.ts";

/** The bytes of a file in an OVA archive. */
export interface OvaMemberStream extends Readable {
  /**
   * What verified the bytes, from just before the stream ends: a manifest in the archive, which is as trustworthy as the
   * archive itself, or nothing.
   */
  readonly verifiedBy: "manifest" | "nothing" | undefined;
}

/**
 * Opens a file in an OVA archive as a stream, without reading the rest of the archive. Where a manifest in the archive states
 * its digest, it is compared before the stream ends, and the last bytes are held back until then.
 *
 * Cost on the wire, with `openRandomAccess`: one request for a file of at most 1 MiB in one piece, and one more for each
 * further piece of a sparse one. The archive must stay open until the stream has closed.
 *
 * The stream fails with an `IntegrityError` `INTEGRITY` where the digest differs (`problem` is `archive`), and as reads of the
 * archive do.
 *
 * @throws `IntegrityError` `INTEGRITY`: the bytes cannot be located, or the archive ends before them (`problem` is `archive`).
 *
 * @example
 * ```ts
 * import { text } from "node:stream/consumers";
 * import type { CarrelClient } from "@carrel/core";
 * import { openItemRandomAccess } from "@carrel/node-stream";
 * import { listOva, openOvaMember } from "@carrel/node-stream/ovf";
 *
 * async function descriptorOf(client: CarrelClient, itemId: string, fileName: string): Promise<string | undefined> {
 *   await using archive = await openItemRandomAccess(client, itemId, fileName);
 *   const { members = [] } = (await listOva(archive)) ?? {};
 *   const member = members.find(({ name }) => name.endsWith(".ovf"));
 *   return member && (await text(openOvaMember(archive, member)));
 * }
 * ```
 */
export function openOvaMember(archive: OvaBytes, member: OvaMember): OvaMemberStream {
  if (member.extents === undefined) {
    throw new IntegrityError(`Cannot locate the bytes of ${quote(member.name)} in the archive`, { problem: "archive" });
  }
  return new MemberReadable(archive, member);
}

class MemberReadable extends Readable implements OvaMemberStream {
  verifiedBy: "manifest" | "nothing" | undefined;
  readonly #stop = new AbortController();
  readonly #blocks: AsyncIterator<Uint8Array>;

  constructor(archive: OvaBytes, member: OvaMember) {
    super();
    const { signal } = this.#stop;
    const { sizeBytes } = archive;
    const read = archive.read.bind(archive);
    const stream = archive.stream?.bind(archive);
    const reader = new MemberReader({ sizeBytes, read, signal, ...(stream !== undefined && { stream }) });
    const blocks = verified(reader.blocks(member.extents ?? []), member);
    this.#blocks = blocks[Symbol.asyncIterator]();
    this.once("end", () => this.#stop.abort());
  }

  override _read(): void {
    this.#blocks.next().then(
      ({ value, done }) => {
        if (done === true) this.verifiedBy = value as "manifest" | "nothing";
        this.push(done === true ? null : value);
      },
      (error: unknown) => this.destroy(error as Error),
    );
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#stop.abort(error ?? new DOMException("The stream was destroyed", "AbortError"));
    const ended = this.#blocks.return?.() ?? Promise.resolve();
    ended.then(
      () => callback(error),
      () => callback(error),
    );
  }
}

/** Passes blocks on, each when the next one is there; compares their digest before the last one. */
async function* verified(
  blocks: AsyncIterable<Uint8Array>,
  { name, digest, manifest = "" }: OvaMember,
): AsyncGenerator<Uint8Array, "manifest" | "nothing"> {
  const hash = digest && createHash(digest.algorithm);
  let last: Uint8Array | undefined;
  for await (const block of blocks) {
    hash?.update(block);
    if (last !== undefined) yield last;
    last = block;
  }
  if (digest !== undefined && hash?.digest("hex") !== digest.hex) {
    throw new IntegrityError(`${quote(name)} in the archive does not match ${quote(manifest)}`, { problem: "archive" });
  }
  if (last !== undefined) yield last;
  return digest === undefined ? "nothing" : "manifest";
}
