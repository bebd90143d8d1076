import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import type { CarrelClient } from "@carrel/core";
import { isNotFound } from "@carrel/core/kit";
import type { Resolved } from "../../names/resolve-name.ts";
import { printable } from "../../output/printable.ts";
import { CliError, notFoundError, exitCodes } from "../../process/cli-error.ts";

/** How long is waited. */
export interface Patience {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

const firstPauseMs = 250;
const longestPauseMs = 10_000;

/**
 * Waits until the content of an item is at the vCenter. Costs one call for each look, with a growing pause of 0.25 to 10 s.
 * @throws {@link CliError} exit code 1: it is not by then; 4: the item is gone, as where its publisher has deleted it.
 */
export async function untilCached(client: CarrelClient, id: string, patience: Patience): Promise<void> {
  try {
    const isCached = async (): Promise<boolean> =>
      (await client.item.get(id, { signal: patience.signal })).cached === true;
    if (!(await until(isCached, patience))) throw timedOut("The content is not cached", patience);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw notFoundError("The item was deleted meanwhile: the publisher may have removed it");
  }
}

/**
 * Waits until a library has been synchronized since `before`. The same cost.
 * @throws {@link CliError} exit code 1: it has not by then.
 */
export async function untilSynchronized(
  client: CarrelClient,
  { id, name }: Resolved,
  before: string | undefined,
  patience: Patience,
): Promise<void> {
  const isSynchronized = async (): Promise<boolean> =>
    (await client.library.get(id, { signal: patience.signal })).last_sync_time !== before;
  if (await until(isSynchronized, patience)) return;
  throw timedOut(`"${printable(name)}" is not synchronized`, patience);
}

async function until(holds: () => Promise<boolean>, { timeoutMs, signal }: Patience): Promise<boolean> {
  const endAtMs = performance.now() + timeoutMs;
  for (let pauseMs = firstPauseMs; !(await holds()); pauseMs = Math.min(longestPauseMs, pauseMs * 1.5)) {
    const leftMs = endAtMs - performance.now();
    if (leftMs <= 0) return false;
    await sleep(Math.min(pauseMs, leftMs), undefined, { signal });
  }
  return true;
}

function timedOut(what: string, { timeoutMs }: Patience): CliError {
  return new CliError(`${what} after ${timeoutMs / 1000} s`, {
    exitCode: exitCodes.failed,
    hints: ["The vCenter's tasks show whether it is still running or has failed.", "To wait longer: --timeout SECONDS"],
  });
}
