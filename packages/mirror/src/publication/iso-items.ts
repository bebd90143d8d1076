import type { ContentItem, PublishedItem } from "@carrel/vcsp";
import { areIsos, isoItemFor, publishedIdFor } from "../record/published-ids.ts";
import type { RecordedItem } from "../record/record-text.ts";

/** Makes an item of each ISO of an item that has nothing else. */
export function splitIsos(item: ContentItem): readonly ContentItem[] {
  const { id = "", directory, files } = item;
  if (!areIsos(files)) return [item];
  return files.map((file) => ({ ...item, ...isoItemFor(id, directory, file.name), files: [file] }));
}

/** What is published of each item of a mirror: the item, or each of its ISOs. */
export class PublishedItems {
  readonly #byId: ReadonlyMap<string, PublishedItem>;
  /** Items of one ISO, by the directory of the item that the ISO is of. */
  readonly #isos: ReadonlyMap<string, readonly PublishedItem[]>;

  constructor(published: readonly PublishedItem[]) {
    this.#byId = new Map(published.map((item) => [item.id, item]));
    this.#isos = Map.groupBy(published, ({ directory }) => directory.split("/")[0] ?? "");
  }

  of({ id, directory, spares = [] }: RecordedItem): readonly PublishedItem[] {
    const whole = this.#byId.get(publishedIdFor(id));
    const directories = [directory, ...spares.map((spare) => spare.directory)];
    const isos = directories
      .flatMap((each) => this.#isos.get(each) ?? [])
      .filter((item) => item.files.some(({ name }) => isoItemFor(id, "", name).id === item.id));
    return whole === undefined ? isos : [whole, ...isos];
  }
}
