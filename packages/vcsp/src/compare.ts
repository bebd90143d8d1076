import type { DigestAlgorithm } from "@carrel/node-stream";
import type { ContentFile, ContentItem } from "./content.ts";
import { typeOf } from "./content.ts";
import { timeText } from "./format.ts";
import type { PublishedFile, PublishedItem } from "./format.ts";

/** What is known of an item before it is published. */
export interface Before {
  readonly id: string;
  /** As it was published last; `undefined` where it is new. */
  readonly item: PublishedItem | undefined;
  /** When the list of items was written. */
  readonly listedAtMs: number;
  readonly now: Date;
}

/** Times of files are not finer than this everywhere: a file can change after its time was read, and keep it. */
const timeGrainMs = 2_000;

const algorithms: ReadonlyMap<number, DigestAlgorithm> = new Map([
  [32, "md5"],
  [40, "sha1"],
  [64, "sha256"],
  [128, "sha512"],
]);

/** Describes an item as it is now: with the version that it had where nothing has changed, and otherwise with the next one. */
export async function describeItem(content: ContentItem, before: Before): Promise<PublishedItem> {
  const old = before.item;
  const files: PublishedFile[] = [];
  for (const file of content.files) files.push(await describeFile(file, before));
  const item: Omit<PublishedItem, "version" | "isVapp"> = {
    id: before.id,
    name: content.name,
    description: content.description ?? old?.description ?? "",
    type: typeOf(files),
    created: content.createdAt === undefined ? (old?.created ?? timeText(before.now)) : timeText(content.createdAt),
    directory: content.directory,
    files: files.toSorted(({ name: one }, { name: other }) => (one < other ? -1 : 1)),
  };
  const isVapp = async (): Promise<{ readonly isVapp?: boolean }> =>
    item.type === "vcsp.ovf" ? { isVapp: (await content.isVapp?.()) ?? false } : {};
  if (old === undefined) return { ...item, version: 1, ...(await isVapp()) };
  if (!isSameItem(item, old)) return { ...item, version: old.version + 1, ...(await isVapp()) };
  const known = old.isVapp === undefined ? await isVapp() : { isVapp: old.isVapp };
  return { ...item, version: old.version, ...known };
}

async function describeFile(file: ContentFile, { item, listedAtMs, now }: Before): Promise<PublishedFile> {
  const { name, path, sizeBytes, modifiedAtMs } = file;
  const seconds = Math.max(Math.floor(modifiedAtMs / 1_000), 0);
  const old = item?.files.find((each) => each.name === name);
  const place = { name, path, sizeBytes };
  if (old === undefined) {
    // An item may have had another file of that name before, of which nothing is known any more.
    const least = item === undefined ? 0 : Math.floor(now.getTime() / 1_000);
    return { ...place, etag: await etagOf(file), generation: Math.max(seconds, least) };
  }
  if (await isSameFile(file, old, listedAtMs)) {
    // An old generator stated none, which some subscribers cannot read.
    return { ...place, etag: old.etag, generation: old.generation ?? seconds };
  }
  return { ...place, etag: await etagOf(file), generation: Math.max((old.generation ?? 0) + 1, seconds) };
}

/** Whether a file has the content that it was published with. Reads it only where nothing else tells. */
async function isSameFile(file: ContentFile, old: PublishedFile, listedAtMs: number): Promise<boolean> {
  const { digest, sizeBytes, modifiedAtMs } = file;
  if (sizeBytes !== old.sizeBytes) return false;
  const algorithm = /^[\da-f]+$/u.test(old.etag) ? algorithms.get(old.etag.length) : undefined;
  if (digest !== undefined && digest.algorithm === algorithm) {
    if (digest.hex === old.etag) return true;
    // Old generators wrote digests of whole directories, and no generation.
    if (old.generation !== undefined) return false;
  } else if (algorithm === "sha256") {
    return (await file.digestOf(algorithm)) === old.etag;
  }
  // Other generators know no more than this about a file.
  const isSettled = modifiedAtMs + timeGrainMs <= listedAtMs;
  const isOfThatTime = old.generation === undefined || Math.floor(modifiedAtMs / 1_000) === old.generation;
  if (isSettled && isOfThatTime) return true;
  return algorithm !== undefined && (await file.digestOf(algorithm)) === old.etag;
}

async function etagOf(file: ContentFile): Promise<string> {
  return file.digest?.hex ?? (await file.digestOf("sha256"));
}

/** Whether a subscriber that has the item as it was needs nothing of it as it is now. */
function isSameItem(item: Omit<PublishedItem, "version" | "isVapp">, old: PublishedItem): boolean {
  const keyOf = ({ name, path, sizeBytes, etag }: PublishedFile): string =>
    JSON.stringify([name, path, sizeBytes, etag]);
  const files = new Map(old.files.map((file) => [keyOf(file), file.generation]));
  return (
    item.name === old.name &&
    item.description === old.description &&
    item.type === old.type &&
    item.directory === old.directory &&
    item.files.length === old.files.length &&
    item.files.every((file) => {
      const generation = files.get(keyOf(file));
      return files.has(keyOf(file)) && (generation === undefined || generation === file.generation);
    })
  );
}
