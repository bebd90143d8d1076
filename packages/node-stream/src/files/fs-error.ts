import { CarrelError, TransferError } from "@carrel/core";
import { quote } from "./safe-name.ts";

interface Account {
  readonly text: string;
  readonly retryable: boolean;
}

const accounts: Readonly<Record<string, Account>> = {
  ENOSPC: { text: "the disk is full. Make room and download again: it goes on where it stopped.", retryable: true },
  EDQUOT: {
    text: "the disk quota is used up. Make room and download again: it goes on where it stopped.",
    retryable: true,
  },
  EFBIG: { text: "the file would be larger than the file system or the process's limit allows.", retryable: false },
  EROFS: { text: "the file system is read-only. Choose another folder.", retryable: false },
  EACCES: { text: "permission is denied. Choose another folder or change its rights.", retryable: false },
  EPERM: { text: "permission is denied. Choose another folder or change its rights.", retryable: false },
  ENOENT: { text: "the folder is gone. Was it moved or deleted meanwhile?", retryable: true },
  ENOTDIR: { text: "a part of the path is a file and not a folder.", retryable: false },
  ELOOP: { text: "a symbolic link is in its place. Remove it if you trust it, and try again.", retryable: false },
  EISDIR: { text: "a folder of that name is in the way.", retryable: false },
  EMFILE: { text: "the process has too many files open.", retryable: true },
  ENFILE: { text: "the system has too many files open.", retryable: true },
  EIO: { text: "the disk reported an error.", retryable: true },
  ESTALE: { text: "the network file system lost the file.", retryable: true },
};

/** The code of an error of the operating system, such as `ENOSPC`. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** Turns a failure of the file system into a clear {@link TransferError}; other errors pass through as they are. */
function toTransferError(error: unknown, action: string, path: string): unknown {
  if (error instanceof CarrelError) return error;
  const code = systemCode(error);
  if (code === undefined || !("syscall" in (error as object))) return error;
  const account = accounts[code];
  const text = account?.text ?? "the system refused it.";
  return new TransferError(`Could not ${action} ${quote(path)}: ${text} (${code})`, {
    cause: error,
    retryable: account?.retryable ?? false,
  });
}

/** Runs file system calls and gives their failures a clear message. */
export async function onDisk<T>(action: string, path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toTransferError(error, action, path);
  }
}
