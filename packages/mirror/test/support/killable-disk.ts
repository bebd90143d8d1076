import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

/** Thrown by each change of the disk after the one at which a run is killed. */
class Killed extends Error {
  override readonly name = "Killed";
  /** As that of a file system, so that nothing takes it for a fault of the program. */
  readonly code = "EIO";
}

const calls = ["link", "mkdir", "open", "rename", "rm", "rmdir", "unlink"] as const;
type Call = (...args: readonly unknown[]) => Promise<unknown>;

/** Stands between this process and the disk: what a run would change after it is killed does not change. */
export class KillableDisk implements Disposable {
  /** How many changes the disk makes before the run is killed. */
  changesLeft = Infinity;
  changes = 0;
  /** Called before each change. */
  beforeChange: () => Promise<void> = async () => {};
  #last: Promise<void> = Promise.resolve();
  readonly #real = new Map<string, Call>();

  constructor() {
    const promises = fs.promises as unknown as Record<string, Call>;
    for (const call of calls) {
      const real = promises[call];
      if (real === undefined) continue;
      this.#real.set(call, real);
      promises[call] = async (...args) => {
        const isReading = call === "open" && ["number", "undefined"].includes(typeof args[1]) && !isWriting(args[1]);
        const isLock = String(args[0]).includes(".lock");
        if (!isReading && !isLock) await this.#change();
        return await real(...args);
      };
    }
    syncBuiltinESMExports();
  }

  [Symbol.dispose](): void {
    for (const [call, real] of this.#real) (fs.promises as unknown as Record<string, Call>)[call] = real;
    syncBuiltinESMExports();
  }

  /** One after the other, also where several workers change the disk at once. */
  async #change(): Promise<void> {
    const turn = this.#last.then(async () => {
      if (this.changesLeft <= 0) throw new Killed("The run is killed.");
      await this.beforeChange();
      this.changesLeft -= 1;
      this.changes += 1;
    });
    this.#last = turn.catch(() => undefined);
    await turn;
  }
}

function isWriting(flags: unknown): boolean {
  return typeof flags === "number" && (flags & (fs.constants.O_WRONLY | fs.constants.O_RDWR)) !== 0;
}
