import type { Store } from "../store/store.ts";

/** An object of a mirror, as it was listed or written. */
export interface MirrorObject {
  readonly sizeBytes: number;
  readonly etag: string;
  readonly modifiedAtMs: number;
}

type Names = Map<string, MirrorObject>;

/**
 * What is below the prefix of a mirror, kept up to date with what this run writes. A run that is about all of it lists it once, a
 * request for each thousand objects, so that a comparison asks for no item; one that is about an item lists only the directories
 * that it asks about. What others write meanwhile is noticed by the conditions of writes.
 */
export class MirrorObjects {
  readonly #store: Store;
  /** Ends in a slash, or is empty. */
  readonly #prefix: string;
  #isWhole = false;
  #whole: Promise<Map<string, Names>> | undefined;
  /** Where not all is listed: by the first part of the key, which is the directory of an item or of the mirror's own. */
  readonly #directories = new Map<string, Promise<Names>>();

  constructor(store: Store, prefix: string) {
    this.#store = store;
    this.#prefix = prefix;
  }

  /** Lists all of it at the next question, and not a directory. */
  expectAll(): void {
    this.#isWhole = true;
  }

  /** Lists again at the next question. */
  forget(): void {
    this.#whole = undefined;
    this.#directories.clear();
  }

  keyOf(directory: string, name: string): string {
    return `${this.#prefix}${directory}/${name}`;
  }

  async get(directory: string, name: string): Promise<MirrorObject | undefined> {
    return (await this.#namesIn(directory))?.get(name);
  }

  /** Returns the names of what is in a directory. */
  async namesIn(directory: string): Promise<readonly string[]> {
    return [...((await this.#namesIn(directory))?.keys() ?? [])];
  }

  async has(directory: string): Promise<boolean> {
    return ((await this.#namesIn(directory))?.size ?? 0) > 0;
  }

  /** Notes what was written. */
  async written(directory: string, name: string, object: Omit<MirrorObject, "modifiedAtMs">): Promise<void> {
    const seen = { ...object, modifiedAtMs: Date.now() };
    if (this.#isWhole) note(await this.#all(), [directory, name], seen);
    else (await this.#directories.get(directory))?.set(name, seen);
  }

  /** Notes what was deleted. */
  async deleted(directory: string, name: string): Promise<void> {
    const names = await (this.#isWhole ? this.#namesIn(directory) : this.#directories.get(directory));
    names?.delete(name);
  }

  async #namesIn(directory: string): Promise<Names | undefined> {
    if (this.#isWhole) return (await this.#all()).get(directory);
    const known = this.#directories.get(directory);
    if (known !== undefined) return await known;
    const listed = this.#list(`${this.#prefix}${directory}/`).then((found) => found.get(directory) ?? new Map());
    this.#directories.set(directory, listed);
    return await listed;
  }

  #all(): Promise<Map<string, Names>> {
    this.#whole ??= this.#list(this.#prefix);
    return this.#whole;
  }

  async #list(prefix: string): Promise<Map<string, Names>> {
    const objects = new Map<string, Names>();
    for await (const { key, ...object } of this.#store.objects(prefix)) {
      const path = key.slice(this.#prefix.length);
      const slash = path.indexOf("/");
      // What is in no directory is of no item.
      if (slash > 0) note(objects, [path.slice(0, slash), path.slice(slash + 1)], object);
    }
    return objects;
  }
}

function note(objects: Map<string, Names>, [directory, name]: readonly [string, string], object: MirrorObject): void {
  const names: Names = objects.get(directory) ?? new Map();
  objects.set(directory, names.set(name, object));
}
