import { quote } from "@carrel/node-stream/fs";
import { readLibrary, VcspError } from "@carrel/vcsp";
import { MirrorError } from "../errors.ts";
import { placeOf } from "../place/disk-place.ts";
import type { MirrorPlace } from "../place/mirror-place.ts";
import { mirrorKey } from "../place/record-store.ts";
import { parseHead } from "./record-text.ts";
import type { LibraryName } from "./record-text.ts";

/** What has a directory already. */
interface Owner {
  /** `mirror`: of the library. `published`: the library is published there. */
  readonly kind: "mirror" | "published";
  readonly library: LibraryName;
}

/**
 * Refuses a place inside another mirror or published library: each of the two would take what the other has there for a stranger's, or
 * for an item. Writes nothing.
 * @throws {@link MirrorError} `inside-other`.
 */
export async function refuseNested(place: MirrorPlace): Promise<void> {
  for (const directory of (await place.directoriesAbove?.()) ?? []) {
    const owner = await ownerOf(placeOf(directory));
    if (owner === undefined) continue;
    const { kind, library } = owner;
    const name = quote(library.name);
    const what = kind === "mirror" ? `which is a mirror of library ${name}` : `where library ${name} is published`;
    throw new MirrorError(`Cannot mirror to ${quote(place.location)}: it is inside ${quote(directory)}, ${what}`, {
      problem: "inside-other",
      path: directory,
      library,
    });
  }
}

/** Returns what has a directory; `undefined` also where that cannot be read, as in directories of other users. */
async function ownerOf({ records, library }: MirrorPlace): Promise<Owner | undefined> {
  const text = await records.read(mirrorKey).catch(() => undefined);
  const head = text === undefined ? undefined : parseHead(text);
  if (head !== undefined) return { kind: "mirror", library: head.library };
  const file = await library.read("lib.json").catch(() => undefined);
  try {
    return file && { kind: "published", library: readLibrary(file.text, "lib.json") };
  } catch (error) {
    // The file of that name is something else.
    if (error instanceof VcspError) return undefined;
    throw error;
  }
}
