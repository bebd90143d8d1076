import { mapMembers } from "../gen/operations.gen.ts";
import { isObject } from "../kit/objects.ts";

/** A map as an object, from the legacy style's array of key and value. Anything else is returned as it is. */
export function listToMap(value: unknown): unknown {
  if (!Array.isArray(value)) return normalizeMaps(value);
  return Object.fromEntries(
    value.filter(isObject).map((entry) => [String(entry["key"]), normalizeMaps(entry["value"])]),
  );
}

/** The same value with every map member as an object, at any depth. Returns the very same value where there is none. */
export function normalizeMaps(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(normalizeMaps);
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  if (!isObject(value)) return value;
  let changed = false;
  const entries = Object.entries(value).map(([name, member]): [string, unknown] => {
    const next = mapMembers.includes(name) ? listToMap(member) : normalizeMaps(member);
    changed ||= next !== member;
    return [name, next];
  });
  return changed ? Object.fromEntries(entries) : value;
}
