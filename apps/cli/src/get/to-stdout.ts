import { performance } from "node:perf_hooks";
import type { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { CarrelError } from "@carrel/core";
import { openFile } from "@carrel/node-stream";
import type { TransferStream } from "@carrel/node-stream";
import { CliError } from "../cli-error.ts";
import type { Connection } from "../connect.ts";
import { exitCodeOf, exitCodes } from "../exit-code.ts";
import { verifiedWords } from "../output/file-line.ts";
import { formatBytes } from "../output/format.ts";
import { printable } from "../output/printable.ts";
import type { ProgressRow } from "../output/progress-row.ts";
import type { Run } from "../run-command.ts";
import type { OnlyFile } from "./only-file.ts";
import type { TransferSettings } from "./transfer-settings.ts";

/**
 * Writes one file to standard output. What is written is verified only at the end, as with any pipe: the exit code tells.
 */
export async function toStdout(
  { client, pool }: Connection,
  { itemId, fileName }: OnlyFile,
  { prepareTimeoutMs: timeoutMs, requireVerified, ...transfer }: TransferSettings,
  { screen, signal }: Run,
): Promise<void> {
  await using lease = await client.lease(itemId, { signal });
  const { stallTimeoutMs, maxBytesPerSecond, connectionsPerFile } = transfer;
  await lease.endpoint(fileName, { signal, ...(timeoutMs !== undefined && { timeoutMs }) });
  const stream = await openFile(lease, fileName, {
    ...(stallTimeoutMs !== undefined && { stallTimeoutMs }),
    ...(maxBytesPerSecond !== undefined && { maxBytesPerSecond }),
    ...(connectionsPerFile !== undefined && { connectionsPerFile }),
    pool,
    session: client,
    signal,
  });
  const startedAt = performance.now();
  using bars = screen.showBars(() => [rowOf(fileName, stream, performance.now() - startedAt)]);
  signal.addEventListener("abort", () => bars[Symbol.dispose](), { once: true });
  try {
    await pipeline(stream, screen.stdout as Writable, { end: false, signal });
  } catch (error) {
    throw error instanceof CarrelError && !signal.aborted ? spoiled(error) : error;
  }
  bars[Symbol.dispose]();
  const by = stream.facts?.verifiedBy ?? "nothing";
  if (requireVerified && by === "nothing") throw unverified(fileName);
  screen.note(`${printable(fileName)}: ${formatBytes(stream.facts?.sizeBytes ?? 0)}, ${verifiedWords[by]}`);
}

/** A failure after which what was written is of no use; said of files, it would be untrue here. */
function spoiled(error: CarrelError): Error {
  if (error.code !== "INTEGRITY" && error.code !== "TRANSFER" && error.code !== "SESSION_LOST") return error;
  return new CliError(error.message, {
    exitCode: exitCodeOf(error.code),
    hints: ["What was written to standard output is not the whole file, or not the right one: do not use it."],
    cause: error,
  });
}

function unverified(fileName: string): Error {
  const why = "the server tells neither its checksum nor its length.";
  return new CliError(`"${printable(fileName)}" cannot be verified: ${why}`, {
    exitCode: exitCodes.integrity,
    hints: ["It was written to standard output all the same: what reads it there should not use it."],
  });
}

function rowOf(fileName: string, { receivedBytes, totalBytes }: TransferStream, elapsedMs: number): ProgressRow {
  const bytesPerSecond = (receivedBytes * 1000) / Math.max(elapsedMs, 1);
  return { label: printable(fileName), receivedBytes, totalBytes, bytesPerSecond };
}
