import { quote } from "@carrel/core/transfer";
import type { ClaimedFile } from "../sink/sink.ts";
import { runLimited } from "./run-limited.ts";
import type { SourceFile } from "@carrel/core/transfer";
import type { ItemState } from "./item-state.ts";

/** Names that are claimed or released at once: each may have a file open for a moment, and the number of files that a process may open is limited. */
const claimsAtOnce = 8;

/** The names of all files of a download, which are claimed from its start to its end. */
export class Claims implements AsyncDisposable {
  readonly #files = new Map<string, ClaimedFile>();

  private constructor() {}

  /**
   * Claims names, and checks that no file has them if that is to be an error. Leaves no claim if one of them fails.
   *
   * @throws {@link TransferError} `TRANSFER`, `locked`: another process downloads a file; `obstacle`: something that is not a
   * file has the name; `exists`: a file exists, with `existing: "error"`.
   */
  static async acquire(item: ItemState, files: readonly SourceFile[]): Promise<Claims> {
    const claims = new Claims();
    try {
      const work = files.map(
        ({ name }) =>
          (signal: AbortSignal) =>
            claims.#claim(item, name, signal),
      );
      await runLimited(work, { limit: claimsAtOnce, signal: item.signal });
      return claims;
    } catch (error) {
      await claims[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Returns the claim of a file. */
  of(name: string): ClaimedFile {
    const file = this.#files.get(name);
    if (file === undefined) throw new RangeError(`No claim for ${quote(name)}`);
    return file;
  }

  async #claim({ options, sink }: ItemState, name: string, signal: AbortSignal): Promise<void> {
    const file = await sink.claim(name, signal);
    this.#files.set(name, file);
    if (options.existing === "error") await file.assertAbsent();
  }

  /** Does something with each file, some at once. */
  async each(work: (file: ClaimedFile) => Promise<void>): Promise<void> {
    const pieces = [...this.#files.values()].map((file) => () => work(file));
    await runLimited(pieces, { limit: claimsAtOnce });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const files = [...this.#files.values()];
    this.#files.clear();
    const work = files.map((file) => async () => await file[Symbol.asyncDispose]());
    await runLimited(work, { limit: claimsAtOnce });
  }
}
