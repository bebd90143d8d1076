import type { CreateOptions } from "../call-options.ts";
import type { CarrelError } from "../errors/carrel-error.ts";
import { ServerError } from "../errors/server-error.ts";
import type { DownloadSessionModel } from "../gen/models.gen.ts";
import { operations } from "../gen/operations.gen.ts";
import { randomUuid } from "../random-uuid.ts";
import { sleep } from "../signals.ts";
import type { CallInput } from "../wire/codec.ts";
import type { Operation } from "../wire/operation.ts";
import { attemptOperation } from "./attempt.ts";
import type { AttemptOptions, AttemptSettings, Outcome } from "./attempt.ts";
import { confirmingState } from "./confirm.ts";
import { afterFailure, retryDelayMs } from "./retry.ts";
import type { RetryRules } from "./retry.ts";

/** Carries out an operation, repeated where that is safe. */
export type Caller = (operation: Operation, call: CallInput, options: AttemptOptions) => Promise<Outcome>;

/** The way of every call: attempts until one succeeds, or repeating is no use or not safe. */
export function createCaller(settings: AttemptSettings & { readonly retry: RetryRules }): Caller {
  const { retry, clock, observer } = settings;

  /** After a lost answer of an operation that must not be repeated blindly: whether it took effect all the same. */
  async function tookEffect(operation: Operation, call: CallInput, options: AttemptOptions): Promise<boolean> {
    try {
      const { result } = await caller(
        operations["downloadSession.get"],
        { args: call.args, input: undefined },
        options,
      );
      return (result as DownloadSessionModel).state === confirmingState(operation.id);
    } catch (error) {
      // A session that is gone is not active any more, which is what was asked for.
      if (error instanceof ServerError && error.code === "NOT_FOUND") return true;
      throw error;
    }
  }

  async function caller(operation: Operation, call: CallInput, options: AttemptOptions): Promise<Outcome> {
    const repeatable = operation.idempotency === "token" ? { ...call, clientToken: clientToken(options) } : call;
    for (let count = 1; ; count++) {
      options.signal?.throwIfAborted();
      try {
        return await attemptOperation(settings, operation, repeatable, options, count);
      } catch (error) {
        const next = afterFailure(operation.idempotency, error);
        if (next === "give-up" || count > (options.retryLimit ?? retry.limit)) throw error;
        if (next === "confirm") {
          if (!confirmingState(operation.id)) throw error;
          if (await tookEffect(operation, call, options)) return { result: undefined, serverTimeMs: undefined };
        }
        const delayMs = retryDelayMs(
          retry,
          count,
          error instanceof ServerError ? error.retryAfterMs : undefined,
          Math.random(),
        );
        const context = options.context ? { context: options.context } : {};
        observer.emit({
          type: "retry",
          operation: operation.id,
          attempt: count,
          delayMs,
          error: (error as CarrelError).toJSON(),
          ...context,
        });
        await sleep(clock, delayMs, options.signal);
      }
    }
  }

  return caller;
}

function clientToken(options: CreateOptions): string {
  return options.clientToken ?? randomUuid();
}
