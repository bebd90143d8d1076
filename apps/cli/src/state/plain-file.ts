import { constants } from "node:fs";
import type { Stats } from "node:fs";
import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { nounFor, systemCode } from "@carrel/node-stream/fs";
import { formatBytes } from "../output/format.ts";

/** A file that cannot be read. The message is a reason, such as `it is a named pipe`. */
export class UnreadableFileError extends Error {
  override readonly name = "UnreadableFileError";
  /** The system's code, such as `ENOENT`. */
  readonly code: string | undefined;

  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.code = systemCode(cause);
  }
}

/** Options of {@link readSmallFile}. */
export interface ReadSmallFileOptions {
  readonly limitBytes: number;
  /** Also reads a pipe, which `<(command)` of a shell is. */
  readonly pipes?: boolean;
  /** Throws where the opened file must not be read. */
  readonly check?: (stats: Stats) => void;
}

const patienceMs = 10_000;
const pauseMs = 20;
// Opening a pipe without a writer must not block, nor a terminal become the controlling one. Windows has neither flag.
const flags =
  constants.O_RDONLY |
  ((constants.O_NONBLOCK as number | undefined) ?? 0) |
  ((constants.O_NOCTTY as number | undefined) ?? 0);

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "it does not exist",
  EACCES: "permission denied",
  EPERM: "permission denied",
  ENOTDIR: "part of the path is not a directory",
  ELOOP: "symbolic links lead in a circle",
  ENXIO: "it is a socket, or a device that is not there",
};

/**
 * Reads a whole file of limited size. Follows symbolic links; refuses devices, sockets and directories.
 *
 * @throws {@link UnreadableFileError} it is not such a file, is larger than the limit, or the system refuses it.
 */
export async function readSmallFile(path: string, options: ReadSmallFileOptions): Promise<Buffer> {
  const { limitBytes, pipes = false, check } = options;
  try {
    await using file = await open(path, flags);
    const stats = await file.stat();
    const isPipe = pipes && stats.isFIFO();
    if (!stats.isFile() && !isPipe) throw new UnreadableFileError(`it is ${nounFor(stats)}, not a plain file`);
    check?.(stats);
    const bytes = await readAll(file, limitBytes + 1);
    if (bytes.length <= limitBytes) return bytes;
    throw new UnreadableFileError(`it is larger than ${formatBytes(limitBytes)}`);
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined || error instanceof UnreadableFileError) throw error;
    throw new UnreadableFileError(reasons[code] ?? code, error);
  }
}

async function readAll(file: FileHandle, limitBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const until = performance.now() + patienceMs;
  let left = limitBytes;
  while (left > 0) {
    const chunk = Buffer.allocUnsafe(Math.min(left, 65_536));
    const bytesRead = await readSome(file, chunk);
    if (bytesRead === 0) break;
    if (bytesRead === undefined) {
      if (performance.now() > until) throw new UnreadableFileError(`nothing arrived for ${patienceMs / 1000} s`);
      await sleep(pauseMs);
      continue;
    }
    chunks.push(chunk.subarray(0, bytesRead));
    left -= bytesRead;
  }
  return Buffer.concat(chunks);
}

/** Returns the number of bytes; `undefined` while a pipe has none yet. */
async function readSome(file: FileHandle, chunk: Buffer): Promise<number | undefined> {
  try {
    return (await file.read(chunk, 0, chunk.length)).bytesRead;
  } catch (error) {
    if (systemCode(error) === "EAGAIN") return undefined;
    throw error;
  }
}

/**
 * Decodes a text file as editors and shells write it: UTF-8 or the encoding `otherwise`, or UTF-16, with or without a byte
 * order mark.
 *
 * @throws TypeError the bytes are in none of these.
 */
export function decodeText(bytes: Uint8Array, otherwise: "utf-8" | "latin1"): string {
  return new TextDecoder(encodingOf(bytes) ?? otherwise, { fatal: true }).decode(bytes);
}

/** Without a mark, UTF-16 that begins with ASCII, as JSON and PEM do, has a zero in each pair of bytes. */
function encodingOf([first = 1, second = 1, third = 1, fourth = 1]: Uint8Array): string | undefined {
  if (first === 0xff && second === 0xfe) return "utf-16le";
  if (first === 0xfe && second === 0xff) return "utf-16be";
  if (first === 0xef && second === 0xbb && third === 0xbf) return "utf-8";
  if (first !== 0 && second === 0 && third !== 0 && fourth === 0) return "utf-16le";
  return first === 0 && second !== 0 && third === 0 && fourth !== 0 ? "utf-16be" : undefined;
}
