import { CarrelError, TransferError } from "@carrel/core";
import { quote } from "./names.ts";

interface Account {
  readonly text: string;
  readonly retryable: boolean;
}

/** What a code means whatever was being done. */
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
  ENOTDIR: { text: "a part of the path is no folder.", retryable: false },
  EEXIST: { text: "something of that name is there already. Rename or remove it.", retryable: false },
  ENAMETOOLONG: {
    text: "the name or the path is too long for the file system. Choose a shorter one.",
    retryable: false,
  },
  ELOOP: { text: "a symbolic link is in its place. Remove it if you trust it, and try again.", retryable: false },
  EXDEV: { text: "it would have to go to another file system, and is not copied.", retryable: false },
  EISDIR: { text: "a folder of that name is in the way.", retryable: false },
  EBUSY: { text: "another program is using it. Close that, and try again.", retryable: true },
  EMFILE: { text: "the process has too many files open.", retryable: true },
  ENFILE: { text: "the system has too many files open.", retryable: true },
  EIO: { text: "the disk reported an error.", retryable: true },
  ESTALE: { text: "the network file system lost the file.", retryable: true },
};

const gone: Account = { text: "it is gone. Was it moved or deleted meanwhile?", retryable: true };
const keptFromUs: Account = {
  text: "permission is denied, or another program has it open. Change its rights or close that, and try again.",
  retryable: false,
};

/** What codes mean where something in particular was being done. */
const accountsOf: Readonly<Record<string, Readonly<Record<string, Account>>>> = {
  "create the folder": {
    ENOENT: {
      text: "a symbolic link in its path leads nowhere, or the file system takes no folders there. Choose another one.",
      retryable: false,
    },
    EEXIST: { text: "something that is no folder has that name. Choose another one.", retryable: false },
    ELOOP: { text: "symbolic links in its path lead in a circle. Choose another one.", retryable: false },
    EROFS: { text: "the file system is read-only. Choose another one.", retryable: false },
    EACCES: {
      text: "permission is denied. Choose another one, or change the rights of the one above.",
      retryable: false,
    },
    EPERM: {
      text: "permission is denied. Choose another one, or change the rights of the one above.",
      retryable: false,
    },
  },
  "look at": { ENOENT: gone, ELOOP: { text: "symbolic links lead in a circle. Remove them.", retryable: false } },
  read: { ENOENT: gone },
  delete: { ENOENT: gone },
  rename: {
    EACCES: keptFromUs,
    EPERM: keptFromUs,
    EISDIR: { text: "a folder has the name that it is to get. Rename or remove that.", retryable: false },
  },
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
  const account = accountsOf[action]?.[code] ?? accounts[code];
  const text = account?.text ?? "the system refused it.";
  return new TransferError(`Could not ${action} ${quote(path)}: ${text} (${code})`, {
    problem: "disk",
    path,
    cause: error,
    retryable: account?.retryable ?? false,
  });
}

/**
 * Runs file system calls and gives their failures a clear message. The action completes "Could not": `write`, or
 * `create the folder`, which fails for other reasons than creating a file.
 */
export async function onDisk<T>(action: string, path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toTransferError(error, action, path);
  }
}

const unsyncable: ReadonlySet<string | undefined> = new Set([
  "EINVAL",
  "ENOTSUP",
  "EOPNOTSUPP",
  "ENOSYS",
  "EROFS",
  // Node's permission model, whatever was granted.
  "ERR_ACCESS_DENIED",
]);

/**
 * Whether a failed `sync` says only that this cannot be done here, as on some network and user-space file systems: the bytes
 * are written, and the system takes them to the disk when it likes.
 */
export function cannotSync(error: unknown): boolean {
  return unsyncable.has(systemCode(error));
}
