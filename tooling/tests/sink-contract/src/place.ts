import type { Sink } from "@carrel/node-stream";

/** From what a process of its own makes a sink: the module exports `openSink(data: string): Sink | Promise<Sink>`. */
export interface Recipe {
  /** The URL of the module. */
  readonly module: string;
  readonly data: string;
}

/** An empty place for files, as a test sees it. Disposal removes it. */
export interface Place extends AsyncDisposable {
  /** Makes a sink that has nothing in memory in common with others of this place, as another process would. */
  sink(): Sink;
  readonly recipe: Recipe;
  /** Returns what has a final name, as a reader sees it. */
  visible(): Promise<ReadonlyMap<string, Buffer>>;
  /** Returns the names of whatever else is there: parts, records of parts, locks, uploads that were not completed. */
  leftovers(): Promise<readonly string[]>;
  /** Puts a file there, as another program would. */
  put(name: string, bytes: Uint8Array): Promise<void>;
  /** Returns how many bytes of an incomplete file a run that comes now would resume; 0 if nothing is recorded. */
  recordedBytes(name: string): Promise<number>;
}

/** A kind of place. */
export interface PlaceKind {
  readonly name: string;
  readonly create: () => Promise<Place>;
  /** Bytes are kept in pieces of this size: no more than the last piece is lost when a process closes its file. */
  readonly unitBytes: number;
  /**
   * Returns commands for a shell, before a child process, that leave room for so many bytes in one file. Absent where that
   * cannot be arranged.
   */
  readonly limitTo?: (bytes: number) => string;
}
