import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../../../", import.meta.url));

/** A package as it is published. */
export interface Packed {
  readonly manifest: PackedManifest;
  /** Path of the tarball. */
  readonly tarball: string;
}

/** The members of a `package.json` that are read here. */
export interface PackedManifest {
  readonly name: string;
  readonly version: string;
  readonly main?: string;
  readonly types?: string;
  readonly bin?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly engines: { readonly node: string };
}

const folders = [
  "packages/core",
  "packages/rx",
  "packages/web-stream",
  "packages/react",
  "packages/vue",
  "packages/svelte",
  "packages/angular",
  "packages/node-stream",
  "packages/mirror",
  "packages/vcsp",
  "packages/s3",
  "packages/fleet",
  "packages/relay",
  "packages/simulator",
  "apps/cli",
];

/** Packs every published package into a directory. They must be built. */
export async function packAll(into: string): Promise<readonly Packed[]> {
  const waiting = [...folders];
  const packRest = async (): Promise<void> => {
    for (let folder = waiting.shift(); folder !== undefined; folder = waiting.shift()) {
      await run("pnpm", ["pack", "--pack-destination", into], { cwd: join(root, folder) });
    }
  };
  await Promise.all([packRest(), packRest(), packRest()]);
  const tarballs = (await readdir(into)).filter((name) => name.endsWith(".tgz"));
  return Promise.all(
    tarballs.map(async (name) => {
      const tarball = join(into, name);
      return { tarball, manifest: JSON.parse(await readPacked(tarball, "package.json")) as PackedManifest };
    }),
  );
}

/** A text file of a tarball. */
export async function readPacked(tarball: string, path: string): Promise<string> {
  return (await run("tar", ["-xzOf", tarball, `package/${path}`], { maxBuffer: 16_777_216 })).stdout;
}

/** Paths of all files of a tarball. */
export async function listPacked(tarball: string): Promise<readonly string[]> {
  const { stdout } = await run("tar", ["-tzf", tarball], { maxBuffer: 16_777_216 });
  return stdout.split("\n").flatMap((line) => (line.startsWith("package/") ? [line.slice("package/".length)] : []));
}

/** The text of a file of this repository. */
export const readRepositoryFile = (path: string): Promise<string> => readFile(join(root, path), "utf8");
