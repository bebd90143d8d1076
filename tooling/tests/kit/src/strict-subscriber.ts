import { createHash } from "node:crypto";

/** Fetches the bytes below the subscription's directory; `undefined` where the server has none. `href` is as it stands in the file. */
export type FetchHref = (href: string) => Promise<Uint8Array | undefined>;

/** An item as a subscriber keeps it. */
export interface SubscribedItem {
  readonly name: string;
  readonly version: number;
  readonly type: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

type Json = Readonly<Record<string, unknown>>;

/**
 * Subscribes to a published library as a vCenter does, and fails where the library breaks a rule that a vCenter relies on: a file
 * that is missing or is not what its item states, a version that falls or does not grow with a change, an id that changes, a
 * member that is missing or of another type. Knows nothing but the format, and reads as little as a vCenter does: nothing more
 * where the library's version is the one it has, and only items whose version has grown.
 */
export class StrictSubscriber {
  /** By id. */
  readonly items = new Map<string, SubscribedItem>();
  readonly #fetch: FetchHref;
  readonly #generations = new Map<string, { readonly generation: number; readonly sha256: string }>();
  readonly #listed = new Map<string, number>();
  #library: { readonly id: string; readonly version: number } | undefined;

  constructor(fetch: FetchHref) {
    this.#fetch = fetch;
  }

  /** Synchronizes once; returns whether anything was read after `lib.json`. Does nothing before a library is published. */
  async sync(): Promise<boolean> {
    const file = await this.#fetch("lib.json");
    if (file === undefined) {
      demand(this.#library === undefined, "lib.json is gone");
      return false;
    }
    const library = this.#readLibrary(parse(file));
    if (library.version === this.#library?.version) return false;
    const list = parse(await this.#need(library.itemsHref));
    demand(Array.isArray(list["items"]), "items is not a list");
    const seen = new Set<string>();
    for (const entry of list["items"] as readonly Json[]) {
      const id = idOf(entry);
      demand(!seen.has(id), `the id ${id} is there twice`);
      seen.add(id);
      await this.#readEntry(id, entry);
    }
    for (const id of this.items.keys()) if (!seen.has(id)) this.items.delete(id);
    this.#library = library;
    return true;
  }

  #readLibrary(library: Json): { readonly id: string; readonly version: number; readonly itemsHref: string } {
    demand(library["vcspVersion"] === "2", "vcspVersion is not 2");
    demand(library["contentVersion"] === "1", "contentVersion is not 1");
    demand(/^\d{4}-\d\d-\d\dT\d\d:\d\dZ$/u.test(textOf(library, "created")), "created is not a time to the minute");
    demand(textOf(library, "name") !== "", "the name is empty");
    demand(
      JSON.stringify(library["capabilities"]) === '{"transferIn":["httpGet"],"transferOut":["httpGet"]}',
      "the capabilities are others",
    );
    const id = idOf(library);
    const version = versionOf(library);
    demand(this.#library === undefined || this.#library.id === id, "the library's id has changed");
    demand(this.#library === undefined || version >= this.#library.version, "the library's version has fallen");
    return { id, version, itemsHref: textOf(library, "itemsHref") };
  }

  async #readEntry(id: string, entry: Json): Promise<void> {
    const known = this.items.get(id);
    const listed = versionOf(entry);
    demand(listed >= (this.#listed.get(id) ?? 0), `the version of ${id} has fallen`);
    this.#listed.set(id, listed);
    // Its own file may have been newer than the list was.
    if (known !== undefined && listed <= known.version) return;
    const selfHref = textOf(entry, "selfHref");
    const own = parse(await this.#need(selfHref));
    demand(idOf(own) === id, `${selfHref} is of another item`);
    const version = versionOf(own);
    demand(version >= listed, `${selfHref} is older than the list`);
    // The one that the list describes must be whole, and so must the one that its own file describes.
    await this.#readItem(id, entry);
    if (version === listed) demand(JSON.stringify(own) === JSON.stringify(entry), `${selfHref} differs`);
    const files = await this.#readItem(id, own);
    const item = { name: textOf(own, "name"), version, type: textOf(own, "type"), files };
    demand(item.name.length <= 80, `the name of ${id} is too long`);
    demand(typeof own["description"] === "string", `the description of ${id} is not a text`);
    demand(JSON.stringify(own["properties"]) === "{}", `the properties of ${id} are others`);
    this.#checkType(own, item);
    this.items.set(id, item);
  }

  #checkType(own: Json, { type, files }: SubscribedItem): void {
    const names = [...files.keys()];
    const isOvf = names.some((name) => /\.ovf$/iu.test(name));
    const isIso = names.length > 0 && names.every((name) => /\.iso$/iu.test(name));
    demand(type === (isOvf ? "vcsp.ovf" : isIso ? "vcsp.iso" : "vcsp.other"), `the type ${type} is wrong`);
    const metadata = own["metadata"] as readonly Json[] | undefined;
    demand(isOvf === (metadata !== undefined), "the metadata is there without an OVF, or is missing");
    for (const each of metadata ?? []) {
      const value = JSON.parse(textOf(each, "value")) as Json;
      demand(value["version"] === own["version"] && value["id"] === own["id"], "the metadata is of another version");
      demand(/^(?:true|false)$/u.test(textOf(value, "isVappTemplate")), "isVappTemplate is not a text");
    }
  }

  async #readItem(id: string, item: Json): Promise<ReadonlyMap<string, Uint8Array>> {
    const files = new Map<string, Uint8Array>();
    demand(Array.isArray(item["files"]), `${id} has no list of files`);
    for (const file of item["files"] as readonly Json[]) {
      const name = textOf(file, "name");
      const [href] = file["hrefs"] as readonly string[];
      const bytes = await this.#need(href ?? "");
      demand(bytes.length === file["size"], `the length of ${name} is not the one that is stated`);
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      const etag = textOf(file, "etag");
      demand(etag.length !== 64 || etag === sha256, `${name} is not the file that is stated`);
      const generation = file["generationNum"];
      demand(Number.isSafeInteger(generation), `the generation of ${name} is not a whole number`);
      this.#checkGeneration(`${id}/${name}`, { generation: generation as number, sha256 });
      demand(!files.has(name), `${name} is there twice`);
      files.set(name, bytes);
    }
    return files;
  }

  #checkGeneration(key: string, now: { readonly generation: number; readonly sha256: string }): void {
    const before = this.#generations.get(key);
    if (before?.sha256 !== now.sha256) {
      demand(before === undefined || now.generation > before.generation, `the generation of ${key} has not grown`);
    }
    if (before === undefined || now.generation >= before.generation) this.#generations.set(key, now);
  }

  async #need(href: string): Promise<Uint8Array> {
    const bytes = await this.#fetch(href);
    if (bytes === undefined) throw new Error(`${href} does not exist`);
    return bytes;
  }
}

function demand(isMet: boolean, broken: string): asserts isMet {
  if (!isMet) throw new Error(`The library breaks the rules: ${broken}`);
}

function parse(bytes: Uint8Array): Json {
  return JSON.parse(Buffer.from(bytes).toString()) as Json;
}

function textOf(from: Json, name: string): string {
  const value = from[name];
  demand(typeof value === "string", `${name} is not a text`);
  return value;
}

function idOf(from: Json): string {
  const id = textOf(from, "id");
  demand(/^urn:uuid:[\da-f-]{36}$/u.test(id), `the id ${id} is not a UUID`);
  return id;
}

function versionOf(from: Json): number {
  const version = textOf(from, "version");
  demand(/^[1-9]\d*$/u.test(version), `the version ${version} is not a number`);
  return Number(version);
}
