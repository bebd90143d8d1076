import type { DownloadEvent } from "@carrel/core";
import { downloadLine } from "../../output/event-lines.ts";
import type { ItemNames, ItemPlace } from "../../output/event-lines.ts";
import { joinPlace, resolvePlace } from "../../output/place-path.ts";
import type { Screen } from "../../output/screen.ts";
import type { ItemFailure } from "../../run/item-failures.ts";
import type { SelectedItem } from "../../names/select-items.ts";

/** Names an item and its library. */
export function namesOf({ id: itemId, name: item, library }: SelectedItem): ItemNames {
  return { library: library.name, libraryId: library.id, item, itemId };
}

/** Returns what writes the events of an item's download for programs. */
export function lineWriter(item: SelectedItem, directory: string, screen: Screen): (event: DownloadEvent) => void {
  const place: ItemPlace = { ...namesOf(item), directory: resolvePlace(directory) };
  return (event) => {
    const line = downloadLine(place, event);
    if (line !== undefined) screen.printJson(line);
  };
}

/** Returns what names the item, and the file, of a failure. */
export function failedMembers(
  directories: ReadonlyMap<SelectedItem, string>,
): (failure: ItemFailure) => Readonly<Record<string, string>> {
  const byId = new Map([...directories].map(([item, directory]) => [item.id, { item, directory }]));
  return ({ id, name, file }) => {
    const known = byId.get(id);
    if (known === undefined) return { item: name, itemId: id };
    const names = { ...namesOf(known.item) };
    return file === undefined ? names : { ...names, file, path: joinPlace(resolvePlace(known.directory), file) };
  };
}
