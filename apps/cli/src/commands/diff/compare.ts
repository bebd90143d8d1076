import type { Side, SideFile } from "./sides.ts";

/** What differs between two sides: an item, or one file of it. */
export interface Difference {
  readonly item: string;
  readonly file?: string;
  /** `modified`: it is not what the mirror put there. */
  readonly difference: "only-left" | "only-right" | "checksum" | "version" | "size" | "modified";
}

/** By what two files that are the same are known to be. */
export type SameBy = "checksum" | "version" | "size" | "name";

/** What came of a comparison. */
export interface Compared {
  readonly differences: readonly Difference[];
  readonly same: Readonly<Record<SameBy, number>>;
}

/** Compares two sides. Reads files of the disk only where the server states a checksum and no mirror recorded one. */
export async function compareSides(left: Side, right: Side): Promise<Compared> {
  const differences: Difference[] = [];
  const same: Record<SameBy, number> = { checksum: 0, version: 0, size: 0, name: 0 };
  for (const item of namesOf(left, right)) {
    const [one, other] = [left.get(item), right.get(item)];
    if (one === undefined || other === undefined) {
      differences.push({ item, difference: other === undefined ? "only-left" : "only-right" });
      continue;
    }
    for (const file of namesOf(one, other)) {
      const verdict = await compareFiles(one.get(file), other.get(file));
      if ("same" in verdict) same[verdict.same] += 1;
      else differences.push({ item, file, difference: verdict.difference });
    }
  }
  return { differences, same };
}

type Verdict = { readonly same: SameBy } | Pick<Difference, "difference">;

async function compareFiles(one: SideFile | undefined, other: SideFile | undefined): Promise<Verdict> {
  if (one === undefined || other === undefined) return { difference: other === undefined ? "only-left" : "only-right" };
  if (one.isModified || other.isModified) return { difference: "modified" };
  const { digest } = one;
  const theirs =
    digest === undefined || digest.algorithm === other.digest?.algorithm
      ? other.digest
      : await other.read?.(digest.algorithm);
  if (digest !== undefined && theirs !== undefined && digest.algorithm === theirs.algorithm) {
    return digest.hex.toLowerCase() === theirs.hex.toLowerCase() ? { same: "checksum" } : { difference: "checksum" };
  }
  // Versions count on one server: of two libraries they say nothing.
  if (other.read !== undefined && one.version !== undefined && other.version !== undefined) {
    return one.version === other.version ? { same: "version" } : { difference: "version" };
  }
  if (one.sizeBytes === undefined || other.sizeBytes === undefined) return { same: "name" };
  return one.sizeBytes === other.sizeBytes ? { same: "size" } : { difference: "size" };
}

function namesOf(left: ReadonlyMap<string, unknown>, right: ReadonlyMap<string, unknown>): readonly string[] {
  return [...new Set([...left.keys(), ...right.keys()])].toSorted((one, other) => (one < other ? -1 : 1));
}
