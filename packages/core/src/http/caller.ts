import type { CreateOptions } from "../call-options.ts";
import { isNotFound } from "../errors/call-errors.ts";
import type { DownloadSessionModel } from "../gen/models.gen.ts";
import { operations } from "../gen/operations.gen.ts";
import { randomUuid } from "../kit/platform.ts";
import type { CallInput } from "../wire/codec.ts";
import type { Operation } from "../wire/operation.ts";
import { attemptOperation } from "./attempt.ts";
import type { AttemptOptions, AttemptSettings, Outcome } from "./attempt.ts";
import { afterFailure, confirmingState } from "./retry.ts";
import type { Repeat } from "./repeat.ts";

/** Carries out an operation, repeated where that is safe. */
export type Caller = (operation: Operation, call: CallInput, options: AttemptOptions) => Promise<Outcome>;

export interface CallerSettings extends AttemptSettings {
  readonly repeat: Repeat;
  /** Aborts when the client is closed: then a login is not attempted again. */
  readonly closing: AbortSignal;
}

/** The way of every call: attempts until one succeeds, or repeating is unsafe or cannot help. */
export function createCaller(settings: CallerSettings): Caller {
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
      if (isNotFound(error)) return true;
      throw error;
    }
  }

  async function caller(operation: Operation, call: CallInput, options: AttemptOptions): Promise<Outcome> {
    const repeatable = operation.idempotency === "token" ? { ...call, clientToken: clientToken(options) } : call;
    const isLogin = operation.access === "login";
    return settings.repeat<Outcome>({
      operation: operation.id,
      context: options.context,
      limit: options.retryLimit,
      signals: [options.signal, isLogin ? settings.closing : undefined],
      async attempt(count) {
        options.signal?.throwIfAborted();
        return attemptOperation(settings, operation, repeatable, options, count);
      },
      async recover(error) {
        // A login whose answer was lost leaves an API session that runs out by itself; without a login nothing works.
        const next = afterFailure(isLogin ? "idempotent" : operation.idempotency, error);
        if (next !== "confirm") return next;
        if (!confirmingState(operation.id)) return "give-up";
        if (!(await tookEffect(operation, call, options))) return "repeat";
        return { result: { result: undefined, serverTimeMs: undefined } };
      },
    });
  }

  return caller;
}

function clientToken(options: CreateOptions): string {
  return options.clientToken ?? randomUuid();
}
