import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A directory for one test. Disposal removes it with all that it holds. */
export interface TempDirectory extends AsyncDisposable {
  readonly path: string;
  join(...names: readonly string[]): string;
}

/** Makes an empty directory below the system's one for temporary files. */
export async function tempDirectory(): Promise<TempDirectory> {
  const path = await mkdtemp(join(tmpdir(), "carrel-test-"));
  return {
    path,
    join: (...names) => join(path, ...names),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}
