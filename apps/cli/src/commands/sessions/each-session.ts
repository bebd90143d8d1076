import { isNotFound } from "@carrel/core/kit";
import { CliError, notFoundError } from "../../process/cli-error.ts";
import { concernsAll, ItemFailures } from "../../run/item-failures.ts";
import type { Run } from "../../run/run-command.ts";

/** Something that is done with each of several download sessions. */
export interface SessionWork {
  /** What has been done in the end, such as `deleted`: what was not done is told by it. */
  readonly done: string;
  readonly json: boolean;
  act(id: string): Promise<void>;
}

/**
 * Does something with download sessions, one after the other. One that fails does not stop it.
 * @throws {@link CliError} some failed, with the exit code of the most serious; the failure itself where there is one id.
 */
export async function eachSession(ids: readonly string[], work: SessionWork, run: Run): Promise<void> {
  const failures = new ItemFailures(run.screen, { json: work.json, members: ({ id }) => ({ id }) });
  for (const id of ids) {
    run.signal.throwIfAborted();
    try {
      await work.act(id);
    } catch (error) {
      run.signal.throwIfAborted();
      const isOnlyOne = ids.length === 1;
      // The server says only that there is none.
      const failure = isNotFound(error)
        ? noSuchSession(isOnlyOne ? `download session "${id}"` : "such download session")
        : error;
      if (isOnlyOne || concernsAll(error)) throw failure;
      failures.add({ id, name: id, error: failure });
    }
  }
  if (failures.count > 0) throw new CliError(`Not ${work.done}: ${failures.names}`, { exitCode: failures.exitCode });
}

function noSuchSession(what: string): CliError {
  return notFoundError(`No ${what}`, "List what exists: carrel sessions ls");
}
