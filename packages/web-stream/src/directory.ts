import { TransferError } from "@carrel/core";
import { quote } from "@carrel/core/transfer";

/** Where one file goes. */
export interface FileTarget {
  /** Takes the bytes. Closed when the file is verified, aborted otherwise. */
  readonly writable: WritableStream<Uint8Array>;
  /** Removes what opening the target has left, after the writable was aborted. */
  readonly discard?: () => Promise<void>;
}

/** Opens the target of a file, by its name on the server. */
export type OpenTarget = (fileName: string) => Promise<FileTarget | WritableStream<Uint8Array>>;

/** What to do about a file that exists. */
export type ExistingFiles = "error" | "overwrite";

/**
 * Opens files in a directory of the File System Access API, whose writables replace a file in one step when they are closed.
 * The API creates an empty file beforehand, which is removed again where nothing was written.
 */
export function openInDirectory(directory: FileSystemDirectoryHandle, existing: ExistingFiles): OpenTarget {
  return async (fileName) => {
    const before = await existingFile(directory, fileName);
    if (before !== undefined && existing === "error") {
      throw new TransferError(`Cannot write ${quote(fileName)}: a file with that name exists`, {
        problem: "exists",
        retryable: false,
      });
    }
    const handle = before ?? (await directory.getFileHandle(fileName, { create: true }));
    const discard = async (): Promise<void> => {
      if (before === undefined) await directory.removeEntry(fileName);
    };
    try {
      return { writable: await handle.createWritable(), discard };
    } catch (error) {
      await discard();
      throw error;
    }
  };
}

async function existingFile(
  directory: FileSystemDirectoryHandle,
  fileName: string,
): Promise<FileSystemFileHandle | undefined> {
  try {
    return await directory.getFileHandle(fileName);
  } catch (error) {
    if (error instanceof DOMException && error.name === "NotFoundError") return undefined;
    if (!(error instanceof DOMException) || error.name !== "TypeMismatchError") throw error;
    const message = `Cannot write ${quote(fileName)}: a directory with that name exists`;
    throw new TransferError(message, { problem: "obstacle", retryable: false, cause: error });
  }
}
