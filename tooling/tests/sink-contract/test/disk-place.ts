import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DiskSink } from "@carrel/node-stream";
import { partialSuffixes } from "@carrel/node-stream/fs";
import { tempDirectory } from "@carrel/test-kit";
import type { Place, PlaceKind } from "../src/index.ts";

/** Makes the sink of a child process. */
export function openSink(directory: string): DiskSink {
  return new DiskSink(directory);
}

const own = [...partialSuffixes, ".tmp"];

function isLeftover(name: string): boolean {
  return own.some((suffix) => name.endsWith(suffix)) || /^\.carrel\.json./u.test(name);
}

/** Directories below the system's one for temporary files. */
export const diskPlace: PlaceKind = {
  name: "DiskSink",
  unitBytes: 1_048_576,
  // In blocks of 512 bytes.
  ...(process.platform !== "win32" && { limitTo: (bytes: number) => `ulimit -f ${Math.ceil(bytes / 512)}` }),
  async create(): Promise<Place> {
    const directory = await tempDirectory();
    // Created by the sink.
    const path = directory.join("place");
    const names = async (): Promise<readonly string[]> => (await readdir(path).catch((): string[] => [])).toSorted();
    return {
      sink: () => new DiskSink(path),
      recipe: { module: import.meta.url, data: path },
      visible: async () => {
        const visible = new Map<string, Buffer>();
        for (const name of await names()) {
          if (!isLeftover(name) && name !== ".carrel.json") visible.set(name, await readFile(join(path, name)));
        }
        return visible;
      },
      leftovers: async () => (await names()).filter(isLeftover),
      put: async (name, bytes) => {
        await mkdir(path, { recursive: true });
        await writeFile(join(path, name), bytes);
      },
      recordedBytes: async (name) => {
        const text = await readFile(join(path, `${name}.part.json`), "utf8").catch(() => undefined);
        return text === undefined ? 0 : (JSON.parse(text) as { readonly bytes: number }).bytes;
      },
      [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
    };
  },
};
