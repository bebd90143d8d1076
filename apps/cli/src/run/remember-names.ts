import { maxPaths, rememberPaths } from "../state/name-memory.ts";
import type { Run } from "./run-command.ts";

/** Names that a command shows, which are kept for completion at the end of the run: where somebody is at a terminal. */
export class ShownNames implements AsyncDisposable {
  readonly #run: Run;
  readonly #origin: string;
  readonly #paths = new Set<string>();

  /** @param origin - The server's. */
  constructor(run: Run, origin: string) {
    this.#run = run;
    this.#origin = origin;
  }

  /** @param path - As other commands take it. */
  add(path: string): void {
    if (this.#paths.size < maxPaths) this.#paths.add(path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { io } = this.#run;
    if (this.#paths.size === 0 || (!io.stdout.isTTY && !io.stderr.isTTY)) return;
    await rememberPaths(io.env, this.#origin, this.#paths);
  }
}
