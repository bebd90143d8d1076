import { createCipheriv, createHash } from "node:crypto";
import { textOf } from "./https-request.ts";
import { type ApiSession, openApiSession } from "./open-api-session.ts";
import type { Vcsim } from "./vcsim.ts";

const blockBytes = 256 * 1024;
const zeros = new Uint8Array(blockBytes);

/** Yields the same bytes for the same seed, in blocks of 256 KiB. They do not compress. */
export function* seededContent(seed: string, sizeBytes: number): Generator<Uint8Array, void, undefined> {
  const digest = createHash("sha256").update(seed).digest();
  const cipher = createCipheriv("aes-128-ctr", digest.subarray(0, 16), digest.subarray(16, 32));
  for (let left = sizeBytes; left > 0; left -= blockBytes)
    yield cipher.update(zeros.subarray(0, Math.min(left, blockBytes)));
}

/** The SHA-256 of the blocks as lower-case hex. */
export function sha256Of(blocks: Iterable<Uint8Array>): string {
  const hash = createHash("sha256");
  for (const block of blocks) hash.update(block);
  return hash.digest("hex");
}

/** A file to make up and upload. */
export interface FileSpec {
  readonly name: string;
  readonly sizeBytes: number;
}

/** An item to put into a library. */
export interface ItemSpec {
  readonly item: string;
  /** @defaultValue `"iso"` */
  readonly type?: string;
  readonly files: readonly FileSpec[];
}

/** A file that vcsim holds now. */
export interface SeededFile extends FileSpec {
  /** Of the bytes sent: lower-case hex. */
  readonly sha256: string;
}

/** What {@link seedItem} has put into a library. */
export interface SeededItem {
  readonly item: string;
  readonly itemId: string;
  readonly files: readonly SeededFile[];
}

const content = "/content/library/item";

async function uploadFile(session: ApiSession, updateSessionId: string, file: FileSpec): Promise<SeededFile> {
  const { name, sizeBytes } = file;
  const added = (await session.call("POST", `${content}/updatesession/file/id:${updateSessionId}?~action=add`, {
    file_spec: { name, source_type: "PUSH", size: sizeBytes },
  })) as { upload_endpoint: { uri: string } };

  const hash = createHash("sha256");
  function* hashed(): Generator<Uint8Array, void, undefined> {
    for (const block of seededContent(name, sizeBytes)) {
      hash.update(block);
      yield block;
    }
  }
  const answer = await session.send("PUT", added.upload_endpoint.uri, {
    headers: { "content-length": sizeBytes },
    body: hashed(),
  });
  const text = await textOf(answer);
  if (answer.statusCode !== 200) throw new Error(`vcsim refused the file "${name}" with ${answer.statusCode}: ${text}`);
  return { name, sizeBytes, sha256: hash.digest("hex") };
}

/**
 * Puts an item of made-up files into a library, by an update session. The content of a file follows from its name, and is
 * never held in memory as a whole.
 */
export async function seedItem(vcsim: Vcsim, libraryId: string, spec: ItemSpec): Promise<SeededItem> {
  const { item, type = "iso" } = spec;
  await using session = await openApiSession(vcsim);
  const itemId = (await session.call("POST", content, {
    create_spec: { name: item, type, library_id: libraryId },
  })) as string;
  const updateSessionId = (await session.call("POST", `${content}/update-session`, {
    create_spec: { library_item_id: itemId },
  })) as string;
  const files: SeededFile[] = [];
  for (const file of spec.files) files.push(await uploadFile(session, updateSessionId, file));
  await session.call("POST", `${content}/update-session/id:${updateSessionId}?~action=complete`);
  return { item, itemId, files };
}
