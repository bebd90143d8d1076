import { mkdir, rm, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { FileReport } from "@carrel/node-stream";
import { durableRename, onDisk, systemCode } from "@carrel/node-stream/fs";
import type { FileLock } from "@carrel/node-stream/fs";
import { lstatOf, unusableIncoming } from "./local-files.ts";
import type { Incoming, MirrorPlace } from "./mirror-place.ts";
import { incomingName } from "./names.ts";
import { makeTwin } from "./twin.ts";

/** A directory beside those of items, in which a content version arrives, and a later run resumes it. */
export class DiskIncoming implements Incoming {
  readonly isBound = false;
  readonly #place: MirrorPlace;
  readonly #lock: FileLock;
  /** Absolute path. */
  readonly #path: string;

  constructor(place: MirrorPlace, name: string, lock: FileLock) {
    this.#place = place;
    this.#lock = lock;
    this.#path = join(place.location, incomingName, name);
  }

  /** Creates the directory. One that exists must be this user's. */
  async open(): Promise<string> {
    const parent = join(this.#place.location, incomingName);
    for (const directory of [parent, this.#path]) {
      await this.#lock.assertHeld();
      await onDisk("create directory", directory, async () => {
        // A run that removed the directory of another item, the last one, removes the parent as well.
        for (let attempt = 0; ; attempt += 1) {
          try {
            return await mkdir(directory, 0o755);
          } catch (error) {
            if (systemCode(error) === "EEXIST") return undefined;
            if (systemCode(error) !== "ENOENT" || attempt === 3) throw error;
            await mkdir(parent, 0o755).catch(ignoreExisting);
          }
        }
      });
      const stats = await lstatOf(directory);
      const isUsable = stats === undefined || (stats.isDirectory() && this.#lock.isOwn(stats));
      if (!isUsable) throw unusableIncoming(directory, stats);
    }
    return this.#path;
  }

  put({ name, path }: FileReport, directory: string): Promise<void> {
    return this.#move(path, directory, name);
  }

  /** Gives the file another name, or makes a copy of it. */
  async putTwin(from: string, file: string, to: string, signal: AbortSignal): Promise<void> {
    // Not the name of a file that arrived; what a killed run left there was not put in its place.
    const draft = join(await this.open(), ".carrel-twin.tmp");
    await onDisk("create", draft, async () => {
      await unlink(draft).catch(() => undefined);
      await makeTwin(this.#place.locationOf(from, file), draft, signal);
    });
    await this.#move(draft, to, file);
  }

  async delete(): Promise<void> {
    await this.#lock.assertHeld();
    await onDisk("delete", this.#path, () => rm(this.#path, { recursive: true, force: true }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // What is there stays.
  }

  async #move(path: string, directory: string, file: string): Promise<void> {
    await this.#lock.assertHeld();
    await onDisk("rename", path, () => durableRename(path, this.#place.locationOf(directory, file)));
  }
}

function ignoreExisting(error: unknown): void {
  if (systemCode(error) !== "EEXIST") throw error;
}
