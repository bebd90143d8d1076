/** What a write demands of the object that has the key: none, or the one with this ETag. */
export type Condition = { readonly absent: true } | { readonly etag: string };

/**
 * What a store does not support. It was found out by a request that the store refused, and is not tried again.
 *
 * - `checksums`: it takes no SHA-256 with a write. The signature of each request covers its bytes nevertheless.
 * - `conditions`: it cannot make a write depend on what has the key: two writers of one name are not kept apart.
 */
export type MissingFeature = "checksums" | "conditions";

const unknownHeader = ["NotImplemented", "XNotImplemented", "UnsupportedOperation"];

/** The codes with which stores refuse a header that they do not know. A condition is given up only where they say so. */
export const refusals: Readonly<Record<MissingFeature, ReadonlySet<string>>> = {
  checksums: new Set([...unknownHeader, "InvalidArgument", "InvalidRequest"]),
  conditions: new Set(unknownHeader),
};

/** Returns what a request leaves out, try by try, for a store that refuses what it does not know. */
export function omissions(hasChecksum: boolean, hasCondition: boolean): readonly (readonly MissingFeature[])[] {
  const checksums: readonly MissingFeature[][] = hasChecksum ? [["checksums"]] : [];
  const conditions: readonly MissingFeature[][] = hasCondition ? [["conditions"]] : [];
  return [
    [],
    ...checksums,
    ...conditions,
    ...(hasChecksum && hasCondition ? [["checksums", "conditions"] as const] : []),
  ];
}

/** What a request may ask of the store. */
export class Allowed {
  readonly #missing: ReadonlySet<MissingFeature>;

  constructor(missing: ReadonlySet<MissingFeature>) {
    this.#missing = missing;
  }

  checksum<T extends object>(members: T): Partial<T> {
    return this.#missing.has("checksums") ? {} : members;
  }

  condition(condition: Condition | undefined): { readonly IfMatch?: string; readonly IfNoneMatch?: string } {
    if (condition === undefined || this.#missing.has("conditions")) return {};
    return "absent" in condition ? { IfNoneMatch: "*" } : { IfMatch: condition.etag };
  }
}
