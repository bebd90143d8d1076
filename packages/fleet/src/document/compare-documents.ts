import { isDeepStrictEqual } from "node:util";
import { documentShape } from "./document-shape.ts";
import type { FleetDocument } from "./fleet-document.ts";
import type { NamesShape } from "./shapes.ts";

/** The parts of a document that have names. */
export type FleetSection = "vcenters" | "targets" | "mirrors";

/** How one vCenter, target or mirror differs between two documents. */
export interface FleetChange {
  readonly change: "added" | "changed" | "removed";
  readonly section: FleetSection;
  readonly name: string;
  /** The keys that differ. Those that are absent count as their defaults; a value without a default is then `undefined`. */
  readonly values: readonly FleetValueChange[];
}

/** How one value differs. */
export interface FleetValueChange {
  readonly key: string;
  readonly before?: string | number | boolean | undefined;
  readonly after?: string | number | boolean | undefined;
}

const sections: readonly FleetSection[] = ["vcenters", "targets", "mirrors"];

/**
 * Compares two documents: what applying the second one adds, changes and removes. In the order of the documents; what is removed
 * comes last in its section.
 *
 * @param before - Absent where nothing was applied yet.
 */
export function compareDocuments(before: FleetDocument | undefined, after: FleetDocument): readonly FleetChange[] {
  return sections.flatMap((section) => {
    const [old, now] = [entriesOf(before, section), entriesOf(after, section)];
    const changes: FleetChange[] = [];
    for (const [name, entry] of now) {
      const known = old.get(name);
      const values = compareEntries(known, entry);
      if (values.length === 0) continue;
      changes.push({ change: known === undefined ? "added" : "changed", section, name, values });
    }
    for (const [name, entry] of old) {
      if (!now.has(name)) changes.push({ change: "removed", section, name, values: compareEntries(entry, undefined) });
    }
    return changes;
  });
}

type Entry = Readonly<Record<string, FleetValueChange["after"]>>;

function entriesOf(document: FleetDocument | undefined, section: FleetSection): ReadonlyMap<string, Entry> {
  const { members } = (documentShape.members[section] as NamesShape).each;
  const defaults = Object.fromEntries(
    Object.entries(members).flatMap(([key, shape]) => ("fallback" in shape ? [[key, shape.fallback]] : [])),
  ) as Entry;
  return new Map(
    Object.entries(document?.[section] ?? {}).map(([name, entry]) => [
      name,
      { ...(entry as unknown as Entry), ...absentOf(entry, defaults) },
    ]),
  );
}

/** The defaults of keys that are absent. */
function absentOf(entry: object, defaults: Entry): Entry {
  return Object.fromEntries(Object.entries(defaults).filter(([key]) => !Object.hasOwn(entry, key)));
}

function compareEntries(before: Entry | undefined, after: Entry | undefined): readonly FleetValueChange[] {
  const keys = new Set([...Object.keys(after ?? {}), ...Object.keys(before ?? {})]);
  return [...keys]
    .map((key) => ({ key, before: before?.[key], after: after?.[key] }))
    .filter((value) => !isDeepStrictEqual(value.before, value.after));
}
