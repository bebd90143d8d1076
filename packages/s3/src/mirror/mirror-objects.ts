import type { Store } from "../store/store.ts";

/** An object of a mirror, as it was listed or written. */
export interface MirrorObject {
  readonly sizeBytes: number;
  readonly etag: string;
  readonly modifiedAtMs: number;
}

/**
 * What is below the prefix of a mirror: listed once, a request for each thousand objects, so that a comparison asks for none of them,
 * and kept up to date with what this run writes. What others write meanwhile is noticed by the conditions of writes.
 */
export class MirrorObjects {
  readonly #store: Store;
  /** Ends in a slash, or is empty. */
  readonly #prefix: string;
  /** By the first part of the key, which is the directory of an item or of the mirror's own, and then by the rest. */
  #listed: Promise<Map<string, Map<string, MirrorObject>>> | undefined;

  constructor(store: Store, prefix: string) {
    this.#store = store;
    this.#prefix = prefix;
  }

  /** Lists again at the next question. */
  forget(): void {
    this.#listed = undefined;
  }

  keyOf(directory: string, name: string): string {
    return `${this.#prefix}${directory}/${name}`;
  }

  async get(directory: string, name: string): Promise<MirrorObject | undefined> {
    return (await this.#objects()).get(directory)?.get(name);
  }

  /** Returns the names of what is in a directory. */
  async namesIn(directory: string): Promise<readonly string[]> {
    return [...((await this.#objects()).get(directory)?.keys() ?? [])];
  }

  async has(directory: string): Promise<boolean> {
    return (await this.#objects()).has(directory);
  }

  /** Notes what was written. */
  async written(directory: string, name: string, object: Omit<MirrorObject, "modifiedAtMs">): Promise<void> {
    note(await this.#objects(), [directory, name], { ...object, modifiedAtMs: Date.now() });
  }

  /** Notes what was deleted. */
  async deleted(directory: string, name: string): Promise<void> {
    const objects = await this.#objects();
    const names = objects.get(directory);
    names?.delete(name);
    if (names?.size === 0) objects.delete(directory);
  }

  #objects(): Promise<Map<string, Map<string, MirrorObject>>> {
    this.#listed ??= this.#list();
    return this.#listed;
  }

  async #list(): Promise<Map<string, Map<string, MirrorObject>>> {
    const objects = new Map<string, Map<string, MirrorObject>>();
    for await (const { key, ...object } of this.#store.objects(this.#prefix)) {
      const path = key.slice(this.#prefix.length);
      const slash = path.indexOf("/");
      // What is in no directory is of no item.
      if (slash > 0) note(objects, [path.slice(0, slash), path.slice(slash + 1)], object);
    }
    return objects;
  }
}

function note(
  objects: Map<string, Map<string, MirrorObject>>,
  [directory, name]: readonly [string, string],
  object: MirrorObject,
): void {
  const names = objects.get(directory) ?? new Map<string, MirrorObject>();
  objects.set(directory, names.set(name, object));
}
