import { TransferError } from "@carrel/core";

/** A lock was taken over by somebody else, or removed: whoever held it must write nothing more. */
export class LockLostError extends TransferError {
  static override readonly brand: string = "LockLostError";

  constructor(message: string, path: string) {
    super(message, { problem: "lock-lost", path });
  }
}
