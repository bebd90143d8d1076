/** How one run of one way went. */
export interface Sample {
  /** Wall time of the whole process, in milliseconds. */
  readonly ms: number;
  /** CPU time of user and system, of all its processes, in milliseconds. */
  readonly cpuMs: number;
  /** Largest resident set of one of its processes, in MiB. */
  readonly peakMiB: number;
  /** What else the bench counts, by name and unit. */
  readonly counts?: Readonly<Record<string, number>>;
}

/** One way to do the work of a {@link Case}: ours or a peer's. */
export interface Way {
  readonly name: string;
  /** Why this way cannot run on this machine. Its column is left out, and the report says why. */
  readonly missing?: string | undefined;
  /** Does the work once. Rejects where the result is not what was asked for. */
  readonly run: () => Promise<Sample>;
}

/** What a figure of one way should reach. */
export interface Aim {
  readonly way: string;
  /** `ms`, `cpuMs`, `peakMiB`, or the name of a count. */
  readonly figure: string;
  /** The way that it is divided by. Without it the figure itself is meant. */
  readonly against?: string;
  readonly atMost?: number;
  readonly atLeast?: number;
}

/** The same work, done in several ways. */
export interface Case {
  readonly name: string;
  readonly ways: readonly Way[];
  /** The way that all others are compared with. */
  readonly base: string;
  readonly aims: readonly Aim[];
  /** Rounds at most, where one round takes minutes. */
  readonly rounds?: number;
}

/** What a bench may start from. */
export interface BenchSettings {
  /** Smaller work and fewer rounds: shows that the bench runs; its figures prove nothing. */
  readonly isQuick: boolean;
  /** An empty directory on the disk that downloads are written to. Removed afterwards. */
  readonly scratch: string;
}

/** A bench: a question, and its cases one after another, so that each starts its own servers. */
export interface Bench {
  readonly name: string;
  /** The work, in one sentence. */
  readonly work: string;
  readonly measure: (settings: BenchSettings, turns: (work: Case) => Promise<void>) => Promise<void>;
}
