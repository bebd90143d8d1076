import { CarrelError, TransferError } from "@carrel/core";
import { quote } from "@carrel/core/transfer";

interface Reason {
  readonly text: string;
  readonly retryable: boolean;
}

/** Reasons that hold for every action. */
const reasons: Readonly<Record<string, Reason>> = {
  ENOSPC: { text: "the disk is full", retryable: true },
  EDQUOT: { text: "the disk quota is used up", retryable: true },
  EFBIG: { text: "the file would exceed the size limit of the file system or the process", retryable: false },
  EROFS: { text: "the file system is read-only", retryable: false },
  EACCES: { text: "permission denied", retryable: false },
  EPERM: { text: "permission denied", retryable: false },
  ENOENT: { text: "its directory no longer exists", retryable: true },
  ENOTDIR: { text: "part of the path is not a directory", retryable: false },
  EEXIST: { text: "something with that name exists", retryable: false },
  ENAMETOOLONG: { text: "the name or the path is too long for the file system", retryable: false },
  ELOOP: { text: "it is a symbolic link", retryable: false },
  EXDEV: { text: "the new name is on another file system", retryable: false },
  EISDIR: { text: "a directory with that name exists", retryable: false },
  EBUSY: { text: "another program is using it", retryable: true },
  EMFILE: { text: "the process has too many open files", retryable: true },
  ENFILE: { text: "the system has too many open files", retryable: true },
  EIO: { text: "the disk reported an error", retryable: true },
  ESTALE: { text: "the network file system lost the file", retryable: true },
};

const gone: Reason = { text: "it no longer exists", retryable: true };
const deniedOrOpen: Reason = { text: "permission denied, or another program has it open", retryable: false };

/** Reasons that depend on the action. */
const reasonsOf: Readonly<Record<string, Readonly<Record<string, Reason>>>> = {
  "create directory": {
    ENOENT: {
      text: "a symbolic link in its path leads nowhere, or the file system does not allow directories there",
      retryable: false,
    },
    EEXIST: { text: "something else with that name exists", retryable: false },
    ELOOP: { text: "its path contains a loop of symbolic links", retryable: false },
  },
  access: { ENOENT: gone, ELOOP: { text: "its path contains a loop of symbolic links", retryable: false } },
  read: { ENOENT: gone },
  delete: { ENOENT: gone },
  rename: {
    EACCES: deniedOrOpen,
    EPERM: deniedOrOpen,
    EISDIR: { text: "a directory already has the new name", retryable: false },
  },
};

/**
 * Returns the code of an operating system error, such as `ENOSPC`.
 *
 * @private Does not follow semantic versioning.
 */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** Turns a file system error into a {@link TransferError}, with that error as its `cause`; other errors pass through unchanged. */
function toTransferError(error: unknown, action: string, path: string): unknown {
  if (error instanceof CarrelError) return error;
  const code = systemCode(error);
  if (code === undefined || !("syscall" in (error as object))) return error;
  const reason = reasonsOf[action]?.[code] ?? reasons[code];
  const text = reason?.text ?? "the system refused it";
  return new TransferError(`Cannot ${action} ${quote(path)}: ${text} (${code})`, {
    problem: "disk",
    path,
    cause: error,
    retryable: reason?.retryable ?? false,
  });
}

/**
 * Runs file system calls, and turns their errors into a {@link TransferError} with the problem `disk`. The action completes
 * "Cannot …", and some codes mean something else for `create directory` than for `create`.
 *
 * @private Does not follow semantic versioning.
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
  // Thrown under Node's permission model, whatever was granted.
  "ERR_ACCESS_DENIED",
]);

/**
 * Returns whether a failed `sync` means only that the file system does not support it, as on some network and user-space
 * file systems: the bytes are written, and the system flushes them at a time of its own choosing.
 */
export function cannotSync(error: unknown): boolean {
  return unsyncable.has(systemCode(error));
}
