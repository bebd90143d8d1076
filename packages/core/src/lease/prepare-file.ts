import { checkNumber } from "../kit/checks.ts";
import { defined } from "../kit/objects.ts";
import { isGone, ServerError } from "../errors/call-errors.ts";
import { PrepareError, SessionLostError } from "../errors/session-errors.ts";
import type { DownloadFileInfo, TransferEndpoint } from "../gen/models.gen.ts";
import { abortable } from "../kit/signals.ts";
import { sleep } from "../kit/time.ts";
import type { DownloadLease, PrepareOptions } from "./download-lease.ts";
import type { LeaseSettings } from "./lease-settings.ts";

const defaultTimeoutMs = 300_000;
const firstPauseMs = 250;
const longestPauseMs = 5_000;
/** How long an unknown status is tolerated, because a later version of the server may have one more step on the way. */
const oddStatusMs = 10_000;
const underWay: readonly string[] = ["UNPREPARED", "PREPARE_REQUESTED", "PREPARING"];

/** Requests a file and checks it, with growing pauses, until it is prepared, has failed, or makes no more progress. */
export async function prepareFile(
  { calls, clock }: Pick<LeaseSettings, "calls" | "clock">,
  id: string,
  fileName: string,
  options: PrepareOptions,
): Promise<TransferEndpoint> {
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  checkNumber("timeoutMs", timeoutMs, { from: 0, to: Infinity });
  const { endpointType } = options;
  const spec = { file_name: fileName, ...defined({ endpoint_type: endpointType }) };
  let pauseMs = firstPauseMs;
  let progress = "";
  let progressAtMs = clock.now();
  let mostBytes = -1;
  let sensibleAtMs = progressAtMs;
  try {
    let info = await calls.prepare(id, spec, options);
    for (;;) {
      options.onProgress?.(info);
      if (info.status === "ERROR") throw prepareFailed(fileName, info);
      if (info.status === "PREPARED" && info.download_endpoint) return info.download_endpoint;
      const nowMs = clock.now();
      const isKnown = underWay.includes(info.status);
      // An unknown status does not count as progress, however often it changes, but more bytes do.
      if (isKnown || info.bytes_transferred > mostBytes) sensibleAtMs = nowMs;
      mostBytes = Math.max(mostBytes, info.bytes_transferred);
      const now = `${info.status} ${info.bytes_transferred}`;
      if (now !== progress) {
        progress = now;
        progressAtMs = nowMs;
      }
      if (!isKnown && nowMs - sensibleAtMs >= Math.min(oddStatusMs, timeoutMs)) {
        throw new PrepareError(`${fileName} was not prepared: ${oddStatus(info)}`, { fileName });
      }
      if (nowMs - progressAtMs >= timeoutMs) {
        throw new PrepareError(
          `${fileName} was not prepared: the server made no progress for ${timeoutMs} ms (status ${info.status})`,
          { fileName, retryable: true },
        );
      }
      const waitUntilMs = Math.min(progressAtMs + timeoutMs, sensibleAtMs + oddStatusMs);
      await sleep(clock, Math.min(pauseMs, Math.max(1, waitUntilMs - clock.now())), options.signal);
      pauseMs = Math.min(longestPauseMs, pauseMs * 1.5);
      info = await calls.file(id, fileName, options);
    }
  } catch (error) {
    throw explain(error, id, fileName);
  }
}

function oddStatus({ status }: DownloadFileInfo): string {
  if (status === "PREPARED") return "the server reports the status PREPARED without an endpoint";
  return `the server reports the unknown status ${JSON.stringify(status).slice(0, 60)}`;
}

function prepareFailed(fileName: string, info: DownloadFileInfo): PrepareError {
  const serverMessage = info.error_message;
  return new PrepareError(
    `${fileName} was not prepared: ${serverMessage?.default_message ?? "the server gave no reason"}`,
    { fileName, serverMessage },
  );
}

function explain(error: unknown, id: string, fileName: string): unknown {
  if (isGone(error))
    return new SessionLostError(`Download session ${id} has ended: ${error.message}`, { cause: error });
  if (!(error instanceof ServerError) || error.errorType !== "INVALID_ARGUMENT") return error;
  const [serverMessage] = error.messages;
  return new PrepareError(`${fileName} was not prepared: ${error.message}`, {
    fileName,
    serverMessage,
    cause: error,
  });
}

/** Keeps the endpoint of each file, and prepares a fresh one, once for all callers, after it was rejected. */
export function endpointCache(prepare: DownloadLease["prepare"]): DownloadLease["endpoint"] {
  const known = new Map<
    string,
    { endpoint: TransferEndpoint | undefined; readonly promise: Promise<TransferEndpoint> }
  >();
  return async (fileName, { rejected, signal, ...options } = {}) => {
    signal?.throwIfAborted();
    let entry = known.get(fileName);
    if (!entry || (rejected !== undefined && entry.endpoint === rejected)) {
      // Not bound to the signal of the first caller, because others may wait for it too.
      const fresh = { endpoint: undefined as TransferEndpoint | undefined, promise: prepare(fileName, options) };
      fresh.promise.then(
        (endpoint) => (fresh.endpoint = endpoint),
        () => known.get(fileName) === fresh && known.delete(fileName),
      );
      known.set(fileName, fresh);
      entry = fresh;
    }
    return abortable(entry.promise, signal);
  };
}
