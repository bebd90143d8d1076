// Updates one item of a mirror in a bucket, in a process of its own. Writes what happens to standard output, a line each.
import process from "node:process";
import { fileURLToPath } from "node:url";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { createClient, passwordAuth, TransferError } from "@carrel/core";
import { MirrorError } from "@carrel/mirror";
import { updateOneItem } from "@carrel/mirror/items";
import { vcenterSource } from "@carrel/mirror/source";
import { S3Mirror } from "@carrel/s3";
import type { S3SinkOptions } from "@carrel/s3";
import { until } from "@carrel/test-kit";

/** What a worker is to do. */
export interface WorkerTask {
  readonly endpoint: string;
  readonly credentials: { readonly username: string; readonly password: string };
  readonly library: { readonly id: string; readonly name: string };
  readonly itemId: string;
  readonly address: string;
  readonly options: S3SinkOptions;
}

/** What became of it: an action, or the problem of an error. */
export interface WorkerResult {
  readonly action?: string;
  readonly receivedBytes?: number;
  readonly problem?: string;
}

/** A worker that runs. Disposal kills it, also where it is suspended. */
export interface ItemWorker extends AsyncDisposable {
  /** Resolves once it says that this happened. */
  happened(event: string): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  /** `undefined` if it was killed. */
  readonly result: Promise<WorkerResult | undefined>;
}

/** Starts a worker in a process of its own. */
export function startWorker(task: WorkerTask): ItemWorker {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), JSON.stringify(task)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines: string[] = [];
  createInterface(child.stdout).on("line", (line) => void lines.push(line));
  const result = once(child, "close").then(() => {
    const last = lines.find((line) => line.startsWith("{"));
    return last === undefined ? undefined : (JSON.parse(last) as WorkerResult);
  });
  return {
    happened: (event) => until(() => lines.includes(event)),
    signal: (signal) => void child.kill(signal),
    result,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await result;
    },
  };
}

async function work({ address, credentials, endpoint, itemId, library, options }: WorkerTask): Promise<WorkerResult> {
  await using client = createClient({ endpoint, auth: passwordAuth(credentials) });
  await using place = new S3Mirror(address, options);
  try {
    const done = await updateOneItem(vcenterSource(client), place, {
      library,
      itemId,
      download: { connectionsPerFile: 1 },
      onEvent: ({ type }) => process.stdout.write(`${type}\n`),
      onWait: () => process.stdout.write("waiting\n"),
      signal: new AbortController().signal,
    });
    return { action: done?.action ?? "none", receivedBytes: done?.receivedBytes ?? 0 };
  } catch (error) {
    if (error instanceof MirrorError || error instanceof TransferError) return { problem: error.problem };
    throw error;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.stdout.write(`${JSON.stringify(await work(JSON.parse(process.argv[2] ?? "") as WorkerTask))}\n`);
}
