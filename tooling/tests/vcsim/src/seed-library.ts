import { openApiSession } from "./open-api-session.ts";
import { type ItemSpec, type SeededItem, seedItem } from "./seed-item.ts";
import type { Vcsim } from "./vcsim.ts";

/** A library with one item to put into vcsim. */
export interface LibrarySpec extends ItemSpec {
  readonly library: string;
}

/** What {@link seedLibrary} has put into vcsim. */
export interface SeededLibrary extends SeededItem {
  readonly library: string;
  readonly libraryId: string;
}

/** Puts a local library with one item into vcsim. Another one of that name may be there already. */
export async function seedLibrary(vcsim: Vcsim, { library, ...item }: LibrarySpec): Promise<SeededLibrary> {
  const libraryId = await createLibrary(vcsim, library);
  return { library, libraryId, ...(await seedItem(vcsim, libraryId, item)) };
}

async function createLibrary(vcsim: Vcsim, name: string): Promise<string> {
  await using session = await openApiSession(vcsim);
  const id = await session.call("POST", "/content/local-library", {
    create_spec: {
      name,
      type: "LOCAL",
      storage_backings: [{ type: "DATASTORE", datastore_id: vcsim.datastoreId }],
    },
  });
  return id as string;
}
