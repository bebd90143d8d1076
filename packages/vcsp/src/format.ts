import { isObject, parseJson } from "@carrel/core/kit";
import { quote } from "@carrel/node-stream/fs";
import { VcspError } from "./errors.ts";
import { hrefOf, itemFileName, itemsPath, pathOfHref } from "./href.ts";

/** A library, as `lib.json` describes it. */
export interface PublishedLibrary {
  /** A UUID; `lib.json` has it as `urn:uuid:UUID`. It never changes. */
  readonly id: string;
  readonly name: string;
  /** Grows by one with each change of any item: a subscriber that has this version reads no further. */
  readonly version: number;
  /** Such as `2026-11-28T12:00Z`. */
  readonly created: string;
}

/** A file of an item. */
export interface PublishedFile {
  readonly name: string;
  /** Where it is, relative to `lib.json`. */
  readonly path: string;
  readonly sizeBytes: number;
  /** Identifies the content; Carrel writes a digest. Empty or absent in libraries of other generators. */
  readonly etag: string;
  /** Grows with each change of the file; absent in libraries of old generators. */
  readonly generation: number | undefined;
}

/** An item, as `items.json` and its own `item.json` describe it. */
export interface PublishedItem {
  /** A UUID. It never changes: another id is another item for subscribers. */
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** Such as `vcsp.ovf`, `vcsp.iso` or `vcsp.other`. */
  readonly type: string;
  /** Grows by one with each change: subscribers fetch items whose version has grown. */
  readonly version: number;
  readonly created: string;
  /** Where `item.json` is, relative to `lib.json`, without the name of the file. */
  readonly directory: string;
  readonly files: readonly PublishedFile[];
  /** For an OVF, whether it is a vApp; absent where the item has no such metadata. */
  readonly isVapp?: boolean;
}

const urn = "urn:uuid:";
const uuid = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/iu;

/** Whether a text is a UUID, which ids have to be. */
export function isUuid(text: string): boolean {
  return uuid.test(text);
}

/** The time as the format writes it: to the minute, in UTC. */
export function timeText(time: Date): string {
  return `${time.toISOString().slice(0, 16)}Z`;
}

/** Writes `lib.json`. */
export function writeLibrary({ id, name, version, created }: PublishedLibrary): string {
  return toText({
    vcspVersion: "2",
    version: String(version),
    // Not the content of the items: it never changes.
    contentVersion: "1",
    name,
    id: urn + id,
    created,
    capabilities: { transferIn: ["httpGet"], transferOut: ["httpGet"] },
    itemsHref: itemsPath,
  });
}

/** Writes `items.json`. */
export function writeItems(items: readonly PublishedItem[], libraryId: string): string {
  return toText({ items: items.map((item) => itemMembers(item, libraryId)) });
}

/** Writes `item.json`. */
export function writeItem(item: PublishedItem, libraryId: string): string {
  return toText(itemMembers(item, libraryId));
}

function itemMembers(item: PublishedItem, libraryId: string): Record<string, unknown> {
  const { id, name, description, version, created, directory, type, files, isVapp } = item;
  return {
    created,
    description,
    version: String(version),
    files: files.map(({ name: fileName, sizeBytes, etag, generation, path }) => ({
      name: fileName,
      size: sizeBytes,
      etag,
      generationNum: generation,
      hrefs: [hrefOf(path)],
    })),
    id: urn + id,
    name,
    ...(isVapp !== undefined && { metadata: [typeMetadata(item, libraryId, isVapp)] }),
    properties: {},
    selfHref: hrefOf(`${directory}/${itemFileName}`),
    type,
  };
}

function typeMetadata({ id, version }: PublishedItem, libraryId: string, isVapp: boolean): Record<string, string> {
  const value = JSON.stringify({
    id: urn + id,
    version: String(version),
    libraryIdParent: urn + libraryId,
    isVappTemplate: String(isVapp),
    vmTemplate: null,
    vappTemplate: null,
    networks: [],
    storagePolicyGroups: null,
  });
  return { key: "type-metadata", value, type: "String", domain: "SYSTEM", visibility: "READONLY" };
}

function toText(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

/**
 * Reads `lib.json`.
 * @throws {@link VcspError} `unreadable`.
 */
export function readLibrary(content: string, path: string): PublishedLibrary {
  const members = new Members(content, path);
  const vcspVersion = members.text("vcspVersion");
  if (vcspVersion !== "2") throw members.unreadable(`"vcspVersion" is ${quote(vcspVersion)}, expected "2"`);
  return {
    id: members.uuid(),
    name: members.text("name"),
    version: members.version(),
    created: members.text("created", ""),
  };
}

/** Where `lib.json` says that the list of items is. */
export function itemsPathOf(content: string, path: string): string {
  const members = new Members(content, path);
  const href = members.text("itemsHref", itemsPath);
  return pathOfHref(href) ?? members.fail(`"itemsHref" ${quote(href)} leads out of the library`);
}

/**
 * Reads `items.json`.
 * @throws {@link VcspError} `unreadable`, and `duplicate`: two items have one id.
 */
export function readItems(content: string, path: string): readonly PublishedItem[] {
  const { items } = new Members(content, path).value;
  if (!Array.isArray(items)) throw unreadable(path, '"items" is not a list');
  const ids = new Set<string>();
  return items.map((value: unknown, index) => {
    const item = itemOf(new Members(value, path, `items[${index}]`));
    if (ids.has(item.id)) {
      throw new VcspError(`Cannot read ${quote(path)}: two items have the id ${item.id}`, {
        problem: "duplicate",
        path,
      });
    }
    ids.add(item.id);
    return item;
  });
}

/**
 * Reads `item.json`.
 * @throws {@link VcspError} `unreadable`.
 */
export function readItem(content: string, path: string): PublishedItem {
  return itemOf(new Members(content, path));
}

function itemOf(members: Members): PublishedItem {
  const { files, metadata } = members.value;
  if (!Array.isArray(files)) return members.fail('"files" is not a list');
  const selfHref = members.text("selfHref");
  const self = pathOfHref(selfHref);
  const directory = self === undefined ? undefined : /^(.+)\/[^/]+$/u.exec(self)?.[1];
  if (directory === undefined)
    return members.fail(`"selfHref" ${quote(selfHref)} leads to no directory of the library`);
  const isVapp = readIsVapp(metadata);
  return {
    id: members.uuid(),
    name: members.text("name"),
    description: members.text("description", ""),
    type: members.text("type"),
    version: members.version(),
    created: members.text("created", ""),
    directory,
    files: files.map((value: unknown, index) => fileOf(members.part(value, `files[${index}]`))),
    ...(isVapp !== undefined && { isVapp }),
  };
}

function fileOf(members: Members): PublishedFile {
  const { size, hrefs, generationNum } = members.value;
  const [href] = Array.isArray(hrefs) ? (hrefs as readonly unknown[]) : [];
  if (typeof href !== "string") return members.fail('"hrefs" has no reference');
  const path = pathOfHref(href);
  if (path === undefined) return members.fail(`the reference ${quote(href)} leads out of the library`);
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0) {
    return members.fail('"size" is not a number of bytes');
  }
  const generation = Number(generationNum ?? Number.NaN);
  return {
    name: members.text("name"),
    path,
    sizeBytes: size,
    etag: members.text("etag", ""),
    generation: Number.isSafeInteger(generation) && generation >= 0 ? generation : undefined,
  };
}

function readIsVapp(metadata: unknown): boolean | undefined {
  for (const entry of Array.isArray(metadata) ? (metadata as readonly unknown[]) : []) {
    if (!isObject(entry) || entry["key"] !== "type-metadata" || typeof entry["value"] !== "string") continue;
    // Some generators write single quotes, which is not JSON.
    return /["']isVappTemplate["']\s*:\s*["']true["']/u.test(entry["value"]);
  }
  return undefined;
}

function unreadable(path: string, reason: string): VcspError {
  return new VcspError(`Cannot read ${quote(path)}: ${reason}`, { problem: "unreadable", path });
}

/** Members of a JSON object that somebody else may have written. */
class Members {
  readonly value: Readonly<Record<string, unknown>>;
  readonly #path: string;
  readonly #where: string;

  constructor(content: unknown, path: string, where = "") {
    const value = typeof content === "string" && where === "" ? parseJson(content) : content;
    if (!isObject(value)) {
      throw unreadable(path, where === "" ? "it is not a JSON object" : `${where} is not an object`);
    }
    this.value = value;
    this.#path = path;
    this.#where = where;
  }

  part(value: unknown, where: string): Members {
    return new Members(value, this.#path, this.#where === "" ? where : `${this.#where}.${where}`);
  }

  text(name: string, otherwise?: string): string {
    const value = this.value[name] ?? otherwise;
    return typeof value === "string" ? value : this.fail(`"${name}" is not a text`);
  }

  uuid(): string {
    const value = this.text("id");
    const id = value.toLowerCase().startsWith(urn) ? value.slice(urn.length) : value;
    return isUuid(id) ? id.toLowerCase() : this.fail(`"id" ${quote(value)} is not a UUID`);
  }

  version(): number {
    const { version } = this.value;
    const number = typeof version === "string" && /^\d{1,15}$/u.test(version) ? Number(version) : version;
    return typeof number === "number" && Number.isSafeInteger(number) && number >= 0
      ? number
      : this.fail('"version" is not a whole number');
  }

  unreadable(reason: string): VcspError {
    return unreadable(this.#path, this.#where === "" ? reason : `${this.#where}: ${reason}`);
  }

  fail(reason: string): never {
    throw this.unreadable(reason);
  }
}
