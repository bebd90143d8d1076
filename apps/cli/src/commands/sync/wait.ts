import { performance } from "node:perf_hooks";
import { systemClock } from "@carrel/core";
import type { CarrelClient } from "@carrel/core";
import { sleep } from "@carrel/core/kit";
import type { Resolved } from "../../names/resolve-name.ts";
import { printable } from "../../output/printable.ts";
import { CliError, exitCodes } from "../../process/cli-error.ts";

/** How long is waited. */
export interface WaitOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

const firstPauseMs = 250;
const longestPauseMs = 10_000;

/**
 * Waits until a library has been synchronized since `before`. Costs one call for each look, with a growing pause of 0.25 to 10 s.
 * @throws {@link CliError} exit code 1: it has not by then.
 */
export async function untilSynchronized(
  client: CarrelClient,
  { id, name }: Resolved,
  before: string | undefined,
  { timeoutMs, signal }: WaitOptions,
): Promise<void> {
  const endAtMs = performance.now() + timeoutMs;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 1.5)) {
    const { last_sync_time: now } = await client.library.get(id, { signal });
    if (now !== before) return;
    const leftMs = endAtMs - performance.now();
    if (leftMs <= 0) break;
    await sleep(systemClock, Math.min(pauseMs, leftMs), signal);
  }
  throw new CliError(`"${printable(name)}" is not synchronized after ${timeoutMs / 1000} s`, {
    exitCode: exitCodes.failed,
    hints: ["The vCenter's tasks show whether it is still running or has failed.", "To wait longer: --timeout SECONDS"],
  });
}
