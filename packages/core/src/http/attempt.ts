import type { SessionKeeper } from "../auth/session-keeper.ts";
import type { CallOptions } from "../call-options.ts";
import { defined } from "../kit/objects.ts";
import type { Clock } from "../kit/time.ts";
import type { Attempt, Observer } from "../diagnostics.ts";
import { CarrelError } from "../errors/carrel-error.ts";
import { ProtocolError, ServerError } from "../errors/call-errors.ts";
import { operations } from "../gen/operations.gen.ts";
import type { Secrets } from "../redact.ts";
import type { CallInput, WireCodec } from "../wire/codec.ts";
import { notTheProtocol } from "../wire/json-result.ts";
import type { Operation } from "../wire/operation.ts";
import type { CodecChooser } from "./codec-chooser.ts";
import { longestErrorBytes } from "./exchange.ts";
import type { TimedAnswer, SendRequest } from "./exchange.ts";
import type { Gate } from "./page-life.ts";
import { mapTransferUrls } from "./transfer-urls.ts";
import type { MapUrl } from "./transfer-urls.ts";

const defaultTimeoutMs = 30_000;
const endTimeoutMs = 5_000;
/** Operations that end something: they outlive the page that begins them. */
const endings: ReadonlySet<string> = new Set(["downloadSession.delete", "downloadSession.cancel", "session.delete"]);
const longestAnswerBytes = 16 * 1024 ** 2;

/** A result, and the server's clock at the time of the answer. */
export interface CallOutcome {
  readonly result: unknown;
  readonly serverTimeMs: number | undefined;
}

/** Options of a call, with those that only this package may set. */
export interface AttemptOptions extends CallOptions {
  /** The `Authorization` header of a login. */
  readonly authorization?: string;
  /** The API session to use instead of the client's own. */
  readonly token?: string;
  /** Attempts after the first, instead of the client's own limit. */
  readonly retryLimit?: number;
}

export interface AttemptSettings {
  readonly send: SendRequest;
  readonly codec: CodecChooser;
  readonly session: SessionKeeper;
  readonly clock: Clock;
  readonly observer: Observer;
  /** Hides the transfer URLs that answers carry. */
  readonly secrets: Secrets;
  readonly mapUrl: MapUrl;
  /** Holds calls back while the page is hidden for good, or frozen. */
  readonly gate: Gate;
}

/**
 * Carries out one attempt of one operation: one request, and a second one only where the server did not accept the API
 * session, which is then renewed.
 *
 * @param count - 1 for the first attempt of the call.
 */
export async function attemptOperation(
  settings: AttemptSettings,
  operation: Operation,
  call: CallInput,
  options: AttemptOptions,
  count: number,
): Promise<CallOutcome> {
  if (!endings.has(operation.id)) await settings.gate.pass(options.signal);
  // The login finds the style by the way, so it comes first.
  const isOwn = operation.access === "session" && options.token === undefined;
  if (isOwn && settings.codec.presumed) await settings.session.token(options.signal);
  const { presumed } = settings.codec;
  if (presumed) {
    try {
      const outcome = await new OperationAttempt(settings, presumed, operation, call, options, count).run();
      settings.codec.keep(presumed, operation[presumed.style].status);
      return outcome;
    } catch (error) {
      if (!mayBeOtherStyle(error)) throw error;
    }
  }
  const codec = await settings.codec.find(options.signal);
  return new OperationAttempt(settings, codec, operation, call, options, count).run();
}

/** Whether a server of another style, or none at all, may have answered: by something other than the protocol, or "not found". */
function mayBeOtherStyle(error: unknown): boolean {
  return error instanceof ProtocolError || (error instanceof ServerError && error.code === "NOT_FOUND");
}

class OperationAttempt {
  readonly #settings: AttemptSettings;
  readonly #codec: WireCodec;
  readonly #operation: Operation;
  readonly #call: CallInput;
  readonly #options: AttemptOptions;
  /** How diagnostics name it. */
  readonly #about: Attempt;

  constructor(
    settings: AttemptSettings,
    codec: WireCodec,
    operation: Operation,
    call: CallInput,
    options: AttemptOptions,
    count: number,
  ) {
    this.#settings = settings;
    this.#codec = codec;
    this.#operation = operation;
    this.#call = call;
    this.#options = options;
    this.#about = { operation: operation.id, attempt: count, ...defined({ context: options.context }) };
  }

  async run(): Promise<CallOutcome> {
    const answer = await this.#answer();
    if (answer.status >= 200 && answer.status < 300) {
      const result = await this.#decode(answer);
      return { result: mapTransferUrls(result, this.#mapUrl), serverTimeMs: answer.serverTimeMs };
    }
    const failure = this.#codec.decodeFailure(this.#operation, answer);
    if (!failure) throw notTheProtocol(this.#operation, answer, "does not follow the protocol");
    throw new ServerError(this.#operation.id, { ...failure, ...defined({ retryAfterMs: answer.retryAfterMs }) });
  }

  /** Replaces a transfer URL, and hides both in errors from now on. */
  readonly #mapUrl = (given: string): string => {
    const { mapUrl, secrets } = this.#settings;
    secrets.addUrl(given);
    const url = mapUrl(given);
    if (url !== given) secrets.addUrl(url);
    return url;
  };

  /** The answer to the request; where it is a 401 to the client's own API session, the answer with a new one. */
  async #answer(): Promise<TimedAnswer> {
    const { signal, token: given } = this.#options;
    if (given !== undefined || this.#operation.access !== "session") return this.#send(given);
    const token = await this.#settings.session.token(signal);
    const answer = await this.#send(token);
    return answer.status === 401 ? this.#send(await this.#settings.session.token(signal, token)) : answer;
  }

  async #decode(answer: TimedAnswer): Promise<unknown> {
    try {
      return this.#codec.decode(this.#operation, answer);
    } catch (error) {
      // The server has created a session nevertheless. If its id can be recognised, it is ended and need not expire.
      const [id, ...others] = new Set(answer.text.match(/[\w:.-]{16,128}/gu));
      if (this.#operation.access === "login" && id !== undefined && others.length === 0) {
        this.#settings.secrets.add(id);
        await this.#logout(id).catch(() => undefined);
      }
      throw error;
    }
  }

  async #logout(token: string): Promise<void> {
    const options = { attemptTimeoutMs: endTimeoutMs };
    const call = { args: [], input: undefined };
    const end = operations["session.delete"];
    await new OperationAttempt(this.#settings, this.#codec, end, call, options, 1).#send(token);
  }

  async #send(token: string | undefined): Promise<TimedAnswer> {
    const { clock, observer, send } = this.#settings;
    const { signal, authorization, context = {}, attemptTimeoutMs = defaultTimeoutMs } = this.#options;
    const request = this.#codec.encode(this.#operation, this.#call);
    const start = clock.now();
    observer.emit({ type: "request", method: request.method, ...this.#about });
    try {
      const answer = await send(request, {
        headers: defined({ "vmware-api-session-id": token, Authorization: authorization }),
        signal,
        timeoutMs: attemptTimeoutMs,
        call: { operation: this.#operation.id, context },
        keepalive: endings.has(this.#operation.id),
        longestAnswerBytes: this.#operation.access === "login" ? longestErrorBytes : longestAnswerBytes,
      });
      observer.emit({ type: "response", ...this.#about, status: answer.status, durationMs: clock.now() - start });
      return answer;
    } catch (error) {
      const shown = error instanceof CarrelError ? error.toJSON() : "aborted";
      observer.emit({ type: "failure", ...this.#about, error: shown, durationMs: clock.now() - start });
      throw error;
    }
  }
}
