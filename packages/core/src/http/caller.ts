import type { CreateOptions } from "../call-options.ts";
import { isNotFound } from "../errors/call-errors.ts";
import type { DownloadSessionModel } from "../gen/models.gen.ts";
import { operations } from "../gen/operations.gen.ts";
import { randomUuid } from "../kit/platform.ts";
import type { CallInput } from "../wire/codec.ts";
import type { Operation } from "../wire/operation.ts";
import { attemptOperation } from "./attempt.ts";
import type { AttemptOptions, AttemptSettings, CallOutcome } from "./attempt.ts";
import { afterFailure, confirmingState } from "./retry.ts";
import type { Repeat } from "./repeat.ts";

/** Carries out an operation, and repeats it where that is safe. */
export type Caller = (operation: Operation, call: CallInput, options: AttemptOptions) => Promise<CallOutcome>;

export interface CallerSettings extends AttemptSettings {
  readonly repeat: Repeat;
  /** Aborts when the client is closed; a login is then not attempted again. */
  readonly closing: AbortSignal;
}

/**
 * Makes the function that all calls of a client go through: it attempts an operation until it succeeds, or until
 * repeating is unsafe or will not help.
 */
export function createCaller(settings: CallerSettings): Caller {
  /** Whether an operation whose answer was lost took effect nevertheless, for one that must not be repeated blindly. */
  async function tookEffect(operation: Operation, call: CallInput, options: AttemptOptions): Promise<boolean> {
    try {
      const { result } = await caller(
        operations["downloadSession.get"],
        { args: call.args, input: undefined },
        options,
      );
      return (result as DownloadSessionModel).state === confirmingState(operation.id);
    } catch (error) {
      // A session that no longer exists is not active, which is what the operation is for.
      if (isNotFound(error)) return true;
      throw error;
    }
  }

  async function caller(operation: Operation, call: CallInput, options: AttemptOptions): Promise<CallOutcome> {
    const repeatable = operation.idempotency === "token" ? { ...call, clientToken: clientToken(options) } : call;
    const isLogin = operation.access === "login";
    return settings.repeat<CallOutcome>({
      operation: operation.id,
      context: options.context,
      limit: options.retryLimit,
      signals: [options.signal, isLogin ? settings.closing : undefined],
      async attempt(count) {
        options.signal?.throwIfAborted();
        return attemptOperation(settings, operation, repeatable, options, count);
      },
      async recover(error) {
        // A login whose answer was lost leaves an API session that expires; without another login nothing works.
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
