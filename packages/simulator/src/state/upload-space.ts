/** How much of what is uploaded is kept in memory. */
export class UploadSpace {
  readonly limitBytes: number;
  #usedBytes = 0;

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes;
  }

  /** Takes space for some bytes. Returns whether there was enough. */
  take(bytes: number): boolean {
    if (this.#usedBytes + bytes > this.limitBytes) return false;
    this.#usedBytes += bytes;
    return true;
  }

  /** Whether there is space for some bytes. */
  hasRoomFor(bytes: number): boolean {
    return this.#usedBytes + bytes <= this.limitBytes;
  }

  /** Gives back what was taken for bytes that are not kept. */
  giveBack(bytes: number): void {
    this.#usedBytes -= bytes;
  }
}
