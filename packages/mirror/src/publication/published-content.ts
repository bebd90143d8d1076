import { defined } from "@carrel/core/kit";
import type { Digest } from "@carrel/node-stream";
import { nameKey } from "@carrel/node-stream/fs";
import { isServablePath, isVappDescriptor } from "@carrel/vcsp";
import type { ContentFile, ContentItem, PublishedItem } from "@carrel/vcsp";
import type { MirrorPlace } from "../place/mirror-place.ts";
import type { Mirror } from "../record/mirror.ts";
import { publishedIdFor } from "../record/published-ids.ts";
import type { RecordedFile, RecordedItem } from "../record/record-text.ts";

/** Where the files of items are, and what reads them. */
export type ItemFiles = Pick<Mirror, "place" | "digests">;

/** Whether a web server may serve the files of an item, and its description takes the place of none. */
export function isServable({ directory, files }: RecordedItem): boolean {
  return filesOf({ files }).every(
    ({ name }) => isServablePath(`${directory}/${name}`) && nameKey(name) !== "item.json",
  );
}

/** Whether all files of an item are in place, as far as their sizes tell. */
export async function isWhole(
  { place }: ItemFiles,
  { directory, contentVersion, files }: RecordedItem,
): Promise<boolean> {
  if (contentVersion === null) return false;
  for (const { name, sizeBytes } of filesOf({ files })) {
    if ((await place.sizeOf(directory, name)) !== sizeBytes) return false;
  }
  return true;
}

/** Files that the item has, without those that it had before. */
export function filesOf({ files }: Pick<RecordedItem, "files">): readonly RecordedFile[] {
  return files.filter(({ gone }) => !gone);
}

/** Describes an item by its record: no file is read. */
export async function contentOf(mirror: ItemFiles, item: RecordedItem, signal: AbortSignal): Promise<ContentItem> {
  const { id, name, directory, description, createdAt } = item;
  const files: ContentFile[] = [];
  for (const { name: file, sizeBytes, digest } of filesOf(item)) {
    const modifiedAtMs = await mirror.place.modifiedAtMs(directory, file);
    files.push(fileOf(mirror, `${directory}/${file}`, { sizeBytes, modifiedAtMs, digest }, signal));
  }
  const ovf = files.find((file) => /\.ovf$/iu.test(file.name));
  return {
    id: publishedIdFor(id),
    name,
    directory,
    files,
    ...defined({ description }),
    ...(createdAt !== undefined && { createdAt: new Date(createdAt) }),
    ...(ovf !== undefined && { isVapp: () => readIsVapp(mirror.place, directory, ovf.name) }),
  };
}

/** Describes an item as it is published. */
export function contentAsPublished(mirror: ItemFiles, item: PublishedItem, signal: AbortSignal): ContentItem {
  const { id, name, description, directory, isVapp = false } = item;
  const files = item.files.map(({ name: file, path, sizeBytes, etag }) => {
    const algorithm = algorithmOf(etag);
    const digest = algorithm === undefined ? undefined : { algorithm, hex: etag };
    return { ...fileOf(mirror, path, { sizeBytes, modifiedAtMs: 0, ...defined({ digest }) }, signal), name: file };
  });
  return { id, name, description, directory, files, isVapp: async () => isVapp };
}

/** Returns the algorithm that a digest of that length is of; `undefined` if it is not a digest. */
export function algorithmOf(etag: string): Digest["algorithm"] | undefined {
  if (!/^[\da-f]+$/u.test(etag)) return undefined;
  return ({ 32: "md5", 40: "sha1", 64: "sha256", 128: "sha512" } as const)[etag.length];
}

/** Longer descriptors are not parsed anyway. */
const maxDescriptorBytes = 2 * 1024 * 1024;

async function readIsVapp(place: MirrorPlace, directory: string, file: string): Promise<boolean> {
  const bytes = await place.readFile(directory, file, maxDescriptorBytes);
  return bytes !== undefined && isVappDescriptor(bytes);
}

function fileOf(
  { place, digests }: ItemFiles,
  path: string,
  known: Pick<ContentFile, "sizeBytes" | "modifiedAtMs" | "digest">,
  signal: AbortSignal,
): ContentFile {
  const end = path.lastIndexOf("/");
  const name = path.slice(end + 1);
  const { sizeBytes } = known;
  return {
    name,
    path,
    ...known,
    digestOf: (algorithm) => place.digestOf(path.slice(0, end), name, { algorithm, sizeBytes }, { digests, signal }),
  };
}
