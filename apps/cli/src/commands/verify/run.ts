import { open } from "node:fs/promises";
import { join, resolve } from "node:path";
import { defined } from "@carrel/core/kit";
import { DigestThread, onDisk, statOf } from "@carrel/node-stream/fs";
import type { Digest, DigestAlgorithm } from "@carrel/node-stream";
import { formatBytes, formatCount } from "../../output/format.ts";
import { isStore } from "../../output/place-path.ts";
import { printable } from "../../output/printable.ts";
import { formatDate } from "../../output/verdict.ts";
import { exitCodes, notFoundError, usageError } from "../../process/cli-error.ts";
import type { ExitCode } from "../../process/cli-error.ts";
import type { Run } from "../../run/run-command.ts";
import { openConnection } from "../../connection/connect.ts";
import { askAbout } from "./ask-server.ts";
import type { ServerItem } from "./ask-server.ts";
import type { VerifyFlags } from "./command.ts";
import { listTree } from "./local-tree.ts";
import type { FoundFile } from "./local-tree.ts";
import { collectProofs } from "./proofs.ts";
import type { FileProof } from "./proofs.ts";

/** What became of a file. */
type State = "whole" | "changed" | "missing" | "unknown" | "unreadable";

/** The outcome for one file. */
interface Outcome {
  readonly type: State;
  readonly path: string;
  readonly sizeBytes?: number;
  readonly sha256?: string;
  /** What it was compared with, all of it. */
  readonly proofs: readonly FileProof[];
  readonly message?: string;
}

/** Bytes that are read between two reports of progress. */
const stepBytes = 8 * 1024 * 1024;

/** `carrel verify`. */
export async function runVerify(directory: string, flags: VerifyFlags, run: Run): Promise<ExitCode> {
  const { screen } = run;
  const { json = false } = flags;
  if (isStore(directory)) {
    throw usageError(
      `Cannot verify ${printable(directory)}: only directories are read`,
      "To read a mirror in an object store back: carrel mirror LIBRARY s3://BUCKET/PREFIX --verify",
    );
  }
  const root = resolve(directory);
  const there = await statOf(root);
  if (there === undefined) throw notFoundError(`Directory does not exist: ${printable(directory)}`);
  if (there.kind !== "directory") throw usageError(`Not a directory: ${printable(directory)}`, "Name its directory.");
  const tree = await listTree(root);
  const { files } = tree;
  const { byPath: known, missing, items, sources, warnings } = await collectProofs(root, tree);
  for (const warning of warnings) run.warn(warning);
  const byPath = new Map(known);
  const states: ServerItem[] = [];
  if (flags.online) {
    await using connection = await openConnection(flags, run);
    for (const item of items) {
      const { state, proofs } = await askAbout(connection.client, item, run.signal);
      states.push(state);
      for (const [path, proof] of proofs) byPath.set(path, [...(byPath.get(path) ?? []), proof]);
    }
  }
  const counts: Record<State, number> = { whole: 0, changed: 0, missing: 0, unknown: 0, unreadable: 0 };
  const tell = (outcome: Outcome): void => {
    counts[outcome.type] += 1;
    if (json) screen.printJson(outcome);
    else if (outcome.type === "whole" || outcome.type === "unknown") screen.print(printable(lineOf(outcome)));
    else screen.printFailure(printable(lineOf(outcome)));
  };
  await using reader = new FileReader(
    root,
    [...files.values()].filter(({ path }) => byPath.has(path)),
    run,
  );
  {
    using _ = reader.showBar();
    for (const file of files.values()) {
      const proofs = byPath.get(file.path);
      // A list of digests that nothing is known of is not a file that somebody asks about.
      if (proofs === undefined && sources.has(file.path)) continue;
      tell(await reader.compare(file, proofs ?? []));
    }
  }
  const paths = new Set([...byPath.keys(), ...missing].filter((path) => !files.has(path)));
  for (const path of paths) tell({ type: "missing", path, proofs: byPath.get(path) ?? [] });
  for (const state of states) {
    if (json) screen.printJson(state);
    else if (state.state !== "current")
      screen.printFailure(printable(`"${state.item ?? state.itemId}": ${itemWords[state.state]}`));
  }
  if (json) screen.printJson({ type: "summary", ...counts });
  else screen.printSentence(summaryOf(counts));
  if (counts.changed + counts.missing > 0) return exitCodes.integrity;
  return counts.unreadable > 0 || counts.whole === 0 || states.some(({ state }) => state !== "current")
    ? exitCodes.failed
    : exitCodes.done;
}

const itemWords = {
  newer: "the server has another content version",
  gone: "the server no longer has this item",
  "other-server": "recorded from another server, and not compared",
} as const;

/** Reads files, and shows how far it is. */
class FileReader implements AsyncDisposable {
  readonly #root: string;
  readonly #run: Run;
  readonly #digests = new DigestThread();
  readonly #totalBytes: number;
  readonly #startedAt = performance.now();
  #readBytes = 0;
  #current = "";

  constructor(root: string, files: readonly FoundFile[], run: Run) {
    this.#root = root;
    this.#run = run;
    this.#totalBytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  }

  showBar(): Disposable {
    return this.#run.screen.showBars(() => {
      const bytesPerSecond = (this.#readBytes * 1000) / Math.max(performance.now() - this.#startedAt, 1);
      const label = printable(this.#current);
      return [{ label, receivedBytes: this.#readBytes, totalBytes: this.#totalBytes, bytesPerSecond }];
    });
  }

  /** Compares a file with everything that is known of it. */
  async compare({ path, sizeBytes }: FoundFile, proofs: readonly FileProof[]): Promise<Outcome> {
    if (proofs.length === 0) return { type: "unknown", path, sizeBytes, proofs };
    this.#current = path;
    try {
      const digests = await this.#digestsOf(path, new Set(proofs.map(({ digest }) => digest.algorithm)));
      const isAs = ({ digest, sizeBytes: recorded = sizeBytes }: FileProof): boolean =>
        recorded === sizeBytes && digests.get(digest.algorithm) === digest.hex.toLowerCase();
      // A file that was never verified may be the same as it arrived, and is not known to be whole.
      const asArrived = proofs.every(({ verifiedBy }) => verifiedBy === "nothing") ? "unknown" : "whole";
      const type = proofs.every(isAs) ? asArrived : "changed";
      return { type, path, sizeBytes, ...defined({ sha256: digests.get("sha256") }), proofs };
    } catch (error) {
      this.#run.signal.throwIfAborted();
      const message = error instanceof Error ? error.message : String(error);
      return { type: "unreadable", path, sizeBytes, proofs, message };
    }
  }

  async #digestsOf(path: string, algorithms: ReadonlySet<DigestAlgorithm>): Promise<ReadonlyMap<string, string>> {
    const absolute = join(this.#root, path);
    const found = new Map<Digest["algorithm"], string>();
    for (const [index, algorithm] of [...algorithms].entries()) {
      found.set(algorithm, await onDisk("read", absolute, () => this.#digestOf(absolute, algorithm, index === 0)));
    }
    return found;
  }

  async #digestOf(path: string, algorithm: DigestAlgorithm, isCounted: boolean): Promise<string> {
    await using file = await open(path);
    const { size } = await file.stat();
    const digest = this.#digests.digest(file.fd, algorithm);
    try {
      for (let bytes = 0; ;) {
        const step = Math.min(stepBytes, size - bytes);
        bytes += step;
        const hex = await digest.at(bytes, this.#run.signal);
        if (isCounted) this.#readBytes += step;
        if (bytes === size) return hex;
      }
    } finally {
      await digest.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#digests[Symbol.asyncDispose]();
  }
}

function lineOf({ type, path, sizeBytes, proofs, message }: Outcome): string {
  const size = (sizeBytes === undefined ? "" : formatBytes(sizeBytes)).padStart(10);
  const state = (type === "whole" || type === "unknown" ? type : type.toUpperCase()).padEnd(10);
  const why = message ?? ([...new Set(proofs.map(proofWords))].join("; ") || "nothing is known of it");
  return `${size}  ${state}  ${path}  (${why})`;
}

function proofWords({ by, source, verifiedBy, verifiedAt }: FileProof): string {
  if (by === "checksums" || by === "manifest") return source;
  if (by === "server") return `checksum of ${source}`;
  const how =
    verifiedBy === undefined || verifiedBy === "nothing" ? "UNVERIFIED on arrival" : `${verifiedBy} on arrival`;
  return verifiedAt === undefined ? `${source}, ${how}` : `${source}, ${how}, recorded ${formatDate(verifiedAt)}`;
}

function summaryOf({ whole, changed, missing, unknown, unreadable }: Readonly<Record<State, number>>): string {
  const others = [
    ...(changed > 0 ? [`${changed} CHANGED`] : []),
    ...(missing > 0 ? [`${missing} MISSING`] : []),
    ...(unreadable > 0 ? [`${unreadable} UNREADABLE`] : []),
    ...(unknown > 0 ? [`${unknown} unknown`] : []),
  ];
  return `${[`${formatCount(whole, "file")} whole`, ...others].join(", ")}.`;
}
