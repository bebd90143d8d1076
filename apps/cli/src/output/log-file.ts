import { closeSync, constants, fstatSync, openSync, writeSync } from "node:fs";
import { getSystemErrorMap, stripVTControlCharacters } from "node:util";
import { redact } from "@carrel/core/kit";
import { nounFor, systemCode } from "@carrel/node-stream/fs";
import { usageError } from "../process/cli-error.ts";
import { printable } from "./printable.ts";

// A named pipe that nobody reads must not block. Windows lacks the flag.
const flags =
  constants.O_APPEND | constants.O_CREAT | constants.O_WRONLY | ((constants.O_NONBLOCK as number | undefined) ?? 0);

/** A file to which each line of a run is appended, with its time. Written at once, so that a crash loses no line. */
export class LogFile implements Disposable {
  readonly #file: number;
  readonly #onFailure: (message: string) => void;
  #isOpen = true;

  private constructor(file: number, onFailure: (message: string) => void) {
    this.#file = file;
    this.#onFailure = onFailure;
  }

  /**
   * Opens the file, and creates it where it is missing, for this user alone.
   * @param onFailure - Called once, with a message, where a line cannot be written. No line is written after that.
   * @throws {@link CliError} exit code 2: it cannot be written, or is not a plain file.
   */
  static open(path: string, onFailure: (message: string) => void): LogFile {
    const what = `Cannot write to the log file ${printable(path)}`;
    let file: number;
    try {
      file = openSync(path, flags, 0o600);
    } catch (error) {
      throw usageError(
        `${what}: ${reasonOf(error)}`,
        "Name a file in a directory that exists, which you may write to.",
      );
    }
    const stats = fstatSync(file);
    if (stats.isFile()) return new LogFile(file, (reason) => onFailure(`${what}: ${reason}`));
    closeSync(file);
    throw usageError(`${what}: it is ${nounFor(stats)}, not a plain file`, "Name a file.");
  }

  /** Appends a line, without colours and secrets. */
  write(line: string): void {
    if (!this.#isOpen) return;
    const text = printable(redact(stripVTControlCharacters(line)));
    try {
      writeSync(this.#file, `${new Date().toISOString()} ${text}\n`);
    } catch (error) {
      this[Symbol.dispose]();
      this.#onFailure(reasonOf(error));
    }
  }

  [Symbol.dispose](): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    closeSync(this.#file);
  }
}

function reasonOf(error: unknown): string {
  const { errno = 0 } = (error ?? {}) as NodeJS.ErrnoException;
  return getSystemErrorMap().get(errno)?.[1] ?? systemCode(error) ?? "it cannot be opened";
}
