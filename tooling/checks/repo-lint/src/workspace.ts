import { glob, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** A package of the workspace. */
export interface WorkspacePackage {
  readonly name: string;
  /** Its folder, from the root, with forward slashes. */
  readonly folder: string;
  /** Keys of its `exports` map, such as `.` and `./operations`; undefined when it has no map. */
  readonly entries: readonly string[] | undefined;
}

/** Every package below `packages`, `apps` and `tooling`. */
export async function readPackages(root: string): Promise<readonly WorkspacePackage[]> {
  const manifests = await Array.fromAsync(
    glob(["{packages,apps,tooling}/*/package.json", "tooling/*/*/package.json"], { cwd: root }),
  );
  return Promise.all(
    manifests.toSorted().map(async (manifest) => {
      const { name, exports } = JSON.parse(await readFile(join(root, manifest), "utf8")) as {
        name: string;
        exports?: Readonly<Record<string, unknown>>;
      };
      return { name, folder: toSlashes(dirname(manifest)), entries: exports && Object.keys(exports) };
    }),
  );
}

/** The TypeScript files of a package, from the root, without those that are built or installed. */
export async function sourceFiles(root: string, folder: string): Promise<readonly string[]> {
  const files = glob("**/*.{ts,tsx,mts}", { cwd: join(root, folder), exclude: isBuiltOrInstalled });
  return (await Array.fromAsync(files)).map((file) => `${folder}/${toSlashes(file)}`).toSorted();
}

/** The files of the repository that contain prose or code, from the root, without those that are built or installed. */
export async function textFiles(root: string): Promise<readonly string[]> {
  const files = glob(["{packages,apps,tooling}/**/*.{ts,mjs,cjs,md,yaml}", "*.md", ".changeset/*.md"], {
    cwd: root,
    exclude: isBuiltOrInstalled,
  });
  return (await Array.fromAsync(files)).map(toSlashes).toSorted();
}

function isBuiltOrInstalled(path: string): boolean {
  return /(?:^|[\\/])(?:node_modules|dist|coverage|\.turbo|\.angular)$/u.test(path);
}

function toSlashes(path: string): string {
  return path.replaceAll("\\", "/");
}
