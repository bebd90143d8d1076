import { performance } from "node:perf_hooks";
import type { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { CarrelError, IntegrityError } from "@carrel/core";
import { defined } from "@carrel/core/kit";
import { openItemFile, syncItem } from "@carrel/node-stream";
import type { TransferStream } from "@carrel/node-stream";
import { noteText } from "@carrel/node-stream/fs";
import { CliError, exitCodeOf } from "../process/cli-error.ts";
import type { Connection } from "../connection/connect.ts";
import { synchronizingText } from "../output/download-display.ts";
import { verifiedWords } from "../output/verdict.ts";
import { formatBytes } from "../output/format.ts";
import { printable } from "../output/printable.ts";
import type { ProgressRow } from "../output/progress-row.ts";
import type { Run } from "../run/run-command.ts";
import type { OnlyFile } from "../names/choose-files.ts";
import type { DownloadSettings } from "../settings/transfer-settings.ts";

/**
 * Writes one file to standard output. It is verified at the end, in the same ways as a file on disk, when the reader of the
 * pipe already has the bytes: only the exit code says whether they are whole.
 */
export async function toStdout(
  { client, pool }: Connection,
  { itemId, itemName, fileName }: OnlyFile,
  transfer: DownloadSettings,
  run: Run,
): Promise<void> {
  const { screen, signal } = run;
  const { sync = false, syncTimeoutMs: timeoutMs } = transfer;
  const onRequested = (): void => screen.remark(synchronizingText(itemName));
  if (sync) await syncItem(client, itemId, { signal, onRequested, ...defined({ timeoutMs }) });
  const stream = await openItemFile(client, itemId, fileName, { ...transfer, pool, signal });
  const startedAt = performance.now();
  using bars = screen.showBars(() => [rowOf(fileName, stream, performance.now() - startedAt)]);
  signal.addEventListener("abort", () => bars[Symbol.dispose](), { once: true });
  try {
    await pipeline(stream, screen.stdout as Writable, { end: false, signal });
  } catch (error) {
    throw error instanceof CarrelError && !signal.aborted ? spoiled(error) : error;
  }
  bars[Symbol.dispose]();
  const { verifiedBy = "nothing", sizeBytes = 0, doubts = [] } = stream.facts ?? {};
  for (const doubt of doubts) run.warn(noteText(doubt));
  screen.remark(`${printable(fileName)}: ${formatBytes(sizeBytes)}, ${verifiedWords[verifiedBy]}`);
}

/** A failure after which the output must not be used. Advice about files on disk would be untrue here. */
function spoiled(error: CarrelError): Error {
  if (error.code !== "INTEGRITY" && error.code !== "TRANSFER" && error.code !== "SESSION_LOST") return error;
  return new CliError(error.message, { exitCode: exitCodeOf(error.code), hints: hintsFor(error), cause: error });
}

function hintsFor(error: CarrelError): readonly string[] {
  const problem = error instanceof IntegrityError ? error.problem : undefined;
  if (problem === "unverifiable") {
    return ["It was written to standard output nevertheless: do not use the output."];
  }
  const unusable = "The output is not the whole file, or not the right one: do not use it.";
  if (problem !== "manifest") return [unusable];
  return [
    "Downloading again does not help: have the manifest corrected on the server.",
    "To have the difference reported only: --manifest report",
  ];
}

function rowOf(fileName: string, { receivedBytes, totalBytes }: TransferStream, elapsedMs: number): ProgressRow {
  const bytesPerSecond = (receivedBytes * 1000) / Math.max(elapsedMs, 1);
  return { label: printable(fileName), receivedBytes, totalBytes, bytesPerSecond };
}
