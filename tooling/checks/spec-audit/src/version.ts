/** Compares versions like `6.7` and `7.0.3.0` number by number; a missing number counts as 0. */
export function compareVersions(left: string, right: string): number {
  const [a, b] = [left.split("."), right.split(".")];
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const difference = Number(a[index] ?? 0) - Number(b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/**
 * The vSphere version that a file describes. Files before 9.0 state only "2.0.0", so the name of the file is used next:
 * `content-8.0.2.json`.
 */
export function versionOf(stated: string | undefined, fileName: string): string | undefined {
  if (stated !== undefined && /^\d+(\.\d+)+$/.test(stated) && compareVersions(stated, "6") >= 0) return stated;
  return /(?<![\d.])\d+(?:\.\d+)+(?![\d])/.exec(fileName)?.[0];
}
