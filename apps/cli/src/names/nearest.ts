/** Returns the candidates that a mistyped name may have meant, best first, at most three. */
export function nearestNames(wanted: string, candidates: readonly string[]): readonly string[] {
  const target = wanted.toLowerCase();
  // Of a name of two letters, one at least must be right.
  const limit = Math.min(target.length - 1, Math.max(2, Math.floor(target.length / 3)));
  return [...new Set(candidates)]
    .map((name) => ({ name, distance: distanceTo(target, name.toLowerCase()) }))
    .filter(({ distance }) => distance <= limit)
    .toSorted((a, b) => a.distance - b.distance || a.name.localeCompare(b.name))
    .slice(0, 3)
    .map(({ name }) => name);
}

function distanceTo(a: string, b: string): number {
  // A part of a name is as near as a typing error.
  if (a.length > 2 && b.includes(a)) return 1;
  return editDistance(a, b);
}

/** Counts the insertions, deletions, replacements and swaps of neighbours that lead from one text to the other. */
function editDistance(a: string, b: string): number {
  let before: readonly number[] = [];
  let above: readonly number[] = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1];
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const steps = [(above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (above[j - 1] ?? 0) + (same ? 0 : 1)];
      if (swapped) steps.push((before[j - 2] ?? Infinity) + 1);
      row.push(Math.min(...steps));
    }
    [before, above] = [above, row];
  }
  return above[b.length] ?? 0;
}
