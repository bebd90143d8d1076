import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { durableRename, onDisk, systemCode } from "@carrel/node-stream/internal";
import { CliError } from "../cli-error.ts";
import { exitCodes } from "../exit-code.ts";
import type { Resolved } from "../names/resolve-name.ts";
import { printable } from "../output/printable.ts";
import { manifestName } from "./mirror-paths.ts";
import type { MirroredItem } from "./mirrored-item.ts";
import { parseManifest } from "./parse-manifest.ts";

/** The file in which a mirror keeps what it put there. */
export class ManifestFile {
  readonly #path: string;
  readonly #library: Resolved;
  readonly #items: Map<string, MirroredItem>;
  #last: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  private constructor(path: string, library: Resolved, items: readonly MirroredItem[]) {
    this.#path = path;
    this.#library = library;
    this.#items = new Map(items.map((item) => [item.id, item]));
  }

  /**
   * Reads the manifest of a folder, where there is one.
   * @throws {@link CliError} it is the mirror of another library, or cannot be understood.
   */
  static async open(folder: string, { id, name }: Resolved): Promise<ManifestFile> {
    const path = join(folder, manifestName);
    const text = await onDisk("read", path, () => readIfThere(path));
    const manifest = text === undefined ? undefined : parseManifest(text);
    if (text !== undefined && manifest === undefined) {
      throw refusal(
        `The manifest ${path} cannot be understood.`,
        "Move it away: then what is there is compared with the checksums on the server, and the right files are kept.",
      );
    }
    if (manifest !== undefined && manifest.library.id !== id) {
      throw refusal(
        `The folder ${folder} mirrors another library, "${printable(manifest.library.name)}" (${manifest.library.id}).`,
        `Choose another folder; or move ${manifestName} away if it shall mirror "${printable(name)}" from now on.`,
      );
    }
    return new ManifestFile(path, { id, name }, manifest?.items ?? []);
  }

  /** What mirror put there, by the items' ids. */
  get items(): ReadonlyMap<string, MirroredItem> {
    return this.#items;
  }

  /** Changes the manifest. Resolves when it is on the disk; changes of the same moment are written at once. */
  update(change: (items: Map<string, MirroredItem>) => void): Promise<void> {
    change(this.#items);
    this.#next ??= this.#last.then(() => {
      this.#next = undefined;
      return this.#write();
    });
    this.#last = this.#next.catch(() => undefined);
    return this.#next;
  }

  async #write(): Promise<void> {
    const text = JSON.stringify({ format: 1, library: this.#library, items: [...this.#items.values()] });
    const draft = `${this.#path}.part`;
    await onDisk("write", this.#path, async () => {
      {
        await using handle = await open(draft, "w", 0o644);
        await handle.writeFile(`${text}\n`);
        await handle.sync();
      }
      await durableRename(draft, this.#path);
    });
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

function refusal(message: string, hint: string): CliError {
  return new CliError(message, { exitCode: exitCodes.failed, hints: [hint] });
}
