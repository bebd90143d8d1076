/** A locked package that has a separate package with the executable for each platform. */
export interface NativePackage {
  readonly name: string;
  readonly version: string;
  /** The platform packages that the lockfile has. */
  readonly locked: ReadonlySet<string>;
}

interface Lockfile {
  readonly snapshots?: Readonly<Record<string, { readonly optionalDependencies?: Readonly<Record<string, string>> }>>;
}

/**
 * Finds the native packages of a parsed pnpm-lock.yaml: those with an optional dependency that names a platform. The one
 * of the platform on which the lockfile was written is always there, or the install would have failed.
 */
export function nativePackages(lockfile: Lockfile): readonly NativePackage[] {
  return Object.entries(lockfile.snapshots ?? {}).flatMap(([key, { optionalDependencies = {} }]) => {
    const [, name, version] = /^(@?[^@]+)@([^(]+)/.exec(key) ?? [];
    const locked = new Set(Object.keys(optionalDependencies));
    return name !== undefined && version !== undefined && [...locked].some(isPlatformPackage)
      ? [{ name, version, locked }]
      : [];
  });
}

/** Whether a name is that of a build for a platform on which this project is developed. */
export function isPlatformPackage(name: string): boolean {
  return /\b(linux|darwin|win32|windows)\b/.test(name) && /(x64|arm64|-64)\b/.test(name);
}

/** The platform packages that a package lists in the registry and that the lockfile lacks. */
export function missingPlatforms(native: NativePackage, listed: readonly string[]): readonly string[] {
  return listed.filter((name) => isPlatformPackage(name) && !native.locked.has(name));
}
