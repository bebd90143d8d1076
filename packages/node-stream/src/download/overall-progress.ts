/** The progress of all files together, in whole percent, for the server and other onlookers. */
export class OverallProgress {
  readonly #totals: ReadonlyMap<string, number | undefined>;
  readonly #received = new Map<string, number>();
  readonly #report: (percent: number) => void;
  #told = 0;

  constructor(totals: ReadonlyMap<string, number | undefined>, report: (percent: number) => void) {
    this.#totals = totals;
    this.#report = report;
  }

  /** So many bytes of a file are there. */
  set(file: string, bytes: number): void {
    this.#received.set(file, bytes);
    const percent = this.#percent();
    if (percent <= this.#told) return;
    this.#told = percent;
    this.#report(percent);
  }

  // Never 100: what a server makes of that is not known, and the checks are still to come.
  #percent(): number {
    let total = 0;
    let received = 0;
    for (const [file, bytes] of this.#totals) {
      if (bytes === undefined) return 0;
      total += bytes;
      received += Math.min(this.#received.get(file) ?? 0, bytes);
    }
    return total === 0 ? 0 : Math.min(99, Math.floor((received * 100) / total));
  }
}
