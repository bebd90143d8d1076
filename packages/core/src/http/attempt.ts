import type { SessionKeeper } from "../auth/session-keeper.ts";
import type { CallOptions } from "../call-options.ts";
import type { Clock } from "../kit/time.ts";
import type { Attempt, Observer } from "../diagnostics.ts";
import { CarrelError } from "../errors/carrel-error.ts";
import { ServerError } from "../errors/call-errors.ts";
import type { DownloadFileInfo } from "../gen/models.gen.ts";
import { operations } from "../gen/operations.gen.ts";
import type { Secrets } from "../redact.ts";
import type { CallInput, WireCodec } from "../wire/codec.ts";
import { notTheProtocol } from "../wire/json-result.ts";
import type { Operation } from "../wire/operation.ts";
import { longestErrorBytes } from "./exchange.ts";
import type { Answer, Exchange } from "./exchange.ts";

const defaultTimeoutMs = 30_000;
const endTimeoutMs = 5_000;
const longestAnswerBytes = 16 * 1024 ** 2;

/** A result, and the server's clock when it answered. */
export interface Outcome {
  readonly result: unknown;
  readonly serverTimeMs: number | undefined;
}

/** Options of a call, with what only this package may set. */
export interface AttemptOptions extends CallOptions {
  /** What a login shows. */
  readonly authorization?: string;
  /** The API session to use in place of the client's own. */
  readonly token?: string;
  /** Attempts after the first, in place of the client's own rule. */
  readonly retryLimit?: number;
}

export interface AttemptSettings {
  readonly exchange: Exchange;
  readonly codec: (signal: AbortSignal | undefined) => Promise<WireCodec>;
  readonly session: SessionKeeper;
  readonly clock: Clock;
  readonly observer: Observer;
  /** Learns the transfer URLs that answers carry. */
  readonly secrets: Secrets;
}

/** One attempt of one operation; a second request only where the API session turned out to be dead. */
export async function attemptOperation(
  settings: AttemptSettings,
  operation: Operation,
  call: CallInput,
  options: AttemptOptions,
  count: number,
): Promise<Outcome> {
  const codec = await settings.codec(options.signal);
  const own = options.token === undefined && operation.access === "session";
  const token = own ? await settings.session.token(options.signal) : options.token;
  let answer = await exchangeOnce(settings, codec, operation, call, options, count, token);
  if (own && answer.status === 401) {
    const renewed = await settings.session.token(options.signal, token);
    answer = await exchangeOnce(settings, codec, operation, call, options, count, renewed);
  }
  if (answer.status >= 200 && answer.status < 300) {
    const result = await decodeAnswer(settings, codec, operation, answer);
    for (const url of transferUrls(result)) settings.secrets.addUrl(url);
    return { result, serverTimeMs: answer.serverTimeMs };
  }
  const failure = codec.decodeFailure(operation, answer);
  if (!failure) throw notTheProtocol(operation, answer, "is not the protocol's");
  const { retryAfterMs } = answer;
  throw new ServerError(operation.id, retryAfterMs === undefined ? failure : { ...failure, retryAfterMs });
}

async function decodeAnswer(
  settings: AttemptSettings,
  codec: WireCodec,
  operation: Operation,
  answer: Answer,
): Promise<unknown> {
  try {
    return codec.decode(operation, answer);
  } catch (error) {
    // The server has made a session all the same. Where its id can be made out, it is not left to run out.
    const [id, ...others] = new Set(answer.text.match(/[\w:.-]{16,128}/g));
    if (operation.access === "login" && id !== undefined && others.length === 0) {
      settings.secrets.add(id);
      const end = operations["session.delete"];
      const options = { attemptTimeoutMs: endTimeoutMs };
      await exchangeOnce(settings, codec, end, { args: [], input: undefined }, options, 1, id).catch(() => undefined);
    }
    throw error;
  }
}

/** The transfer URLs of the prepared files in a result. */
function transferUrls(result: unknown): readonly string[] {
  return (Array.isArray(result) ? (result as readonly unknown[]) : [result]).flatMap((info) => {
    const uri = (info as Partial<DownloadFileInfo> | undefined)?.download_endpoint?.uri;
    return uri === undefined ? [] : [uri];
  });
}

async function exchangeOnce(
  settings: AttemptSettings,
  codec: WireCodec,
  operation: Operation,
  call: CallInput,
  options: AttemptOptions,
  count: number,
  token: string | undefined,
): Promise<Answer> {
  const { clock, observer } = settings;
  const request = codec.encode(operation, call);
  const about: Attempt = {
    operation: operation.id,
    attempt: count,
    ...(options.context ? { context: options.context } : {}),
  };
  const start = clock.now();
  observer.emit({ type: "request", method: request.method, ...about });
  try {
    const answer = await settings.exchange(request, {
      headers: {
        ...(token === undefined ? {} : { "vmware-api-session-id": token }),
        ...(options.authorization === undefined ? {} : { Authorization: options.authorization }),
      },
      signal: options.signal,
      timeoutMs: options.attemptTimeoutMs ?? defaultTimeoutMs,
      call: { operation: operation.id, context: options.context ?? {} },
      longestAnswerBytes: operation.access === "login" ? longestErrorBytes : longestAnswerBytes,
    });
    observer.emit({ type: "response", ...about, status: answer.status, durationMs: clock.now() - start });
    return answer;
  } catch (error) {
    const shown = error instanceof CarrelError ? error.toJSON() : "aborted";
    observer.emit({ type: "failure", ...about, error: shown, durationMs: clock.now() - start });
    throw error;
  }
}
