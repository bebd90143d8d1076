import { defined } from "@carrel/core/kit";
import type { MirrorStatus } from "@carrel/mirror";
import { readPublished } from "@carrel/vcsp";
import type { LibraryPlace } from "@carrel/vcsp";
import { formatAge, formatCount } from "../../output/format.ts";

/** What a mirror is published as. Times in milliseconds since 1970. */
export type Publication = NonNullable<MirrorStatus["publication"]>;

/** Describes a published mirror, such as `published as version 12 (3 h ago)`. */
export function describePublication({ version, publishedAt, outdatedItems }: Publication): string {
  if (publishedAt === undefined) return "not published so far";
  const published = `published as version ${version} (${formatAge(Math.max(0, Date.now() - publishedAt))} ago)`;
  return outdatedItems === 0 ? published : `${published}, ${formatCount(outdatedItems, "item")} not up to date there`;
}

/**
 * Reads what `carrel publish` published in a place that is not a mirror; `undefined` where it published nothing.
 * @throws `VcspError`: what is published cannot be understood.
 */
export async function readLibraryIn(
  place: LibraryPlace,
): Promise<(Publication & { readonly directory: string }) | undefined> {
  const { library, items } = await readPublished(place);
  if (!library?.version) return undefined;
  const { id, name, version } = library;
  const publishedAt = (await place.read("lib.json"))?.modifiedAtMs;
  const known = { id, name, version, ...defined({ publishedAt }) };
  return { directory: place.label, ...known, items: items.length, outdatedItems: 0 };
}
