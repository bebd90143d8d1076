import { isNotFound } from "@carrel/core/kit";
import { CliError, notFoundError } from "../../process/cli-error.ts";
import { concernsAll, ItemFailures } from "../../run/item-failures.ts";
import type { Run } from "../../run/run-command.ts";

/** What is done with each of several download sessions. */
export interface SessionWork {
  /** The past participle for messages, such as `deleted`. */
  readonly done: string;
  readonly json: boolean;
  act(id: string): Promise<void>;
}

/**
 * Works on download sessions, one after the other. A failure of one does not stop the others.
 * @throws {@link CliError} some failed, with the exit code of the most serious failure. With a single id, the failure itself.
 */
export async function eachSession(ids: readonly string[], work: SessionWork, run: Run): Promise<void> {
  const failures = new ItemFailures(run.screen, { json: work.json, members: ({ id }) => ({ sessionId: id }) });
  for (const id of ids) {
    run.signal.throwIfAborted();
    try {
      await work.act(id);
    } catch (error) {
      run.signal.throwIfAborted();
      const isOnlyOne = ids.length === 1;
      // The server's own message does not say what was not found.
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
