import { mapMembers } from "../gen/operations.gen.ts";
import { isObject } from "../kit/objects.ts";

/**
 * Returns a map as an object, also from the legacy style's array of keys and values. Returns anything else unchanged.
 */
export function listToMap(value: unknown): unknown {
  if (!Array.isArray(value)) return normalizeMaps(value);
  return Object.fromEntries(
    value.filter(isObject).map((entry) => [String(entry["key"]), normalizeMaps(entry["value"])]),
  );
}

/**
 * Returns the value with every map in it, at any depth, as an object. Returns the same value where it contains no map.
 */
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
