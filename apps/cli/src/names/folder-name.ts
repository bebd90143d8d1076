import { nameProblem } from "@carrel/node-stream/fs";
import { plainName } from "./plain-name.ts";
import type { Resolved } from "./resolve-name.ts";

/** Name of a folder for an item: its own where every system takes it and shows it, else its id. */
export function folderNameFor({ id, name }: Resolved): string {
  if (nameProblem(name) === undefined && !name.startsWith(".")) return name;
  const plain = plainName(id);
  return nameProblem(plain) === undefined ? plain : `_${plain}`;
}
