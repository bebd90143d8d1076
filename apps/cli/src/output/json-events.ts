import type { DownloadEvent } from "@carrel/core";
import type { Screen } from "./screen.ts";

/**
 * Writes the events of a download as one JSON object a line, each with the item that it is about; but for files that failed,
 * which are told with what to do about it when the item has ended.
 */
export function reportEvents(
  item: { readonly id: string; readonly name: string },
  screen: Screen,
): (event: DownloadEvent) => void {
  return ({ type, ...rest }) => {
    if (type !== "failed") screen.printJson({ type, item: item.name, itemId: item.id, ...rest });
  };
}
